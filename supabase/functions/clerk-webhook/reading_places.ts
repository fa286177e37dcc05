/** A place to read a body in. */
export interface ReadingPlace {
  /** Aborts when the place was needed by another request. */
  signal: AbortSignal;
  leave(): void;
}

/** Hands out places; there is always one. */
export type TakePlace = (bucket: number) => ReadingPlace;

/**
 * So many bodies are read at once, which bounds the memory. When all places are taken the longest reader of the address
 * that holds most of them has to go: a signed body arrives within milliseconds, and who sends slowly can't keep it out.
 */
export function createReadingPlaces(limit: number): TakePlace {
  const readers = new Map<AbortController, number>();

  return (bucket) => {
    if (readers.size >= limit) {
      const longest = longestOf(readers);
      readers.delete(longest);
      longest.abort();
    }
    const reader = new AbortController();
    readers.set(reader, bucket);
    return { signal: reader.signal, leave: () => void readers.delete(reader) };
  };
}

/** A Map keeps the order of arrival. */
function longestOf(readers: Map<AbortController, number>): AbortController {
  const held = new Map<number, number>();
  for (const bucket of readers.values()) held.set(bucket, (held.get(bucket) ?? 0) + 1);
  const most = Math.max(...held.values());
  for (const [reader, bucket] of readers) if (held.get(bucket) === most) return reader;
  throw new Error("nobody reads");
}
