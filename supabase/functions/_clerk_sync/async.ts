/**
 * What `load` found, for `ms` after it was found. Whoever asks while it is being loaded waits for the same answer, so that
 * any number of askers cost one load.
 */
export function cached<Value>(
  load: () => Promise<Value>,
  ms: number,
  now: () => number = Date.now,
): () => Promise<Value> {
  let latest: Promise<Value> | null = null;
  let freshUntil = Infinity;

  return () => {
    if (latest && now() < freshUntil) return latest;
    freshUntil = Infinity;
    latest = load().finally(() => freshUntil = now() + ms);
    return latest;
  };
}

/** Maps all items, so many at once, and keeps their order. Rejects with the first error; begins nothing after it. */
export async function mapLimited<Item, Result>(
  items: readonly Item[],
  limit: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  let hasFailed = false;

  // All workers take from one queue.
  const work = async () => {
    for (const [index, item] of queue) {
      if (hasFailed) return;
      try {
        results[index] = await map(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, work));
  return results;
}

/**
 * Makes a call that is told by its signal to end after `ms`. Unlike `AbortSignal.timeout`, whose time comes long after the
 * answer, this keeps nothing of a call that is over.
 */
export async function withTimeout<Answer>(
  ms: number,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ms);
  try {
    return await call(timeout.signal);
  } finally {
    clearTimeout(timer);
  }
}
