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
