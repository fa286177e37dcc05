/** So many requests in every window of time, as Clerk's 100 (development) or 1000 (production) in 10 s. */
export interface RateLimit {
  requests: number;
  windowMs: number;
}

/** Counts requests; answers null, or after how many seconds to come again. */
export function createRateLimit(
  { requests, windowMs }: RateLimit,
  now: () => number = Date.now,
): () => number | null {
  let [startedAt, count] = [-Infinity, 0];
  return () => {
    if (now() - startedAt >= windowMs) [startedAt, count] = [now(), 0];
    if (++count <= requests) return null;
    return Math.ceil((startedAt + windowMs - now()) / 1000);
  };
}
