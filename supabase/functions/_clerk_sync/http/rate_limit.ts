import type { RateLimiterMemory as Limiter, RateLimiterRes } from "rate-limiter-flexible";
import RateLimiterMemory from "rate-limiter-flexible/lib/RateLimiterMemory.js";

// The package's own index loads limiters of a dozen databases.

/** Counts one more for a key, and tells in how many seconds to come back once there were too many: null while there were not. */
export type RateLimit = (key: string | number) => Promise<number | null>;

/** The package has types for its index alone. */
const Memory = RateLimiterMemory as unknown as typeof Limiter;

/** So many of each key in so many seconds, in the memory of this process; 0: any number. */
export function createRateLimit(most: number, seconds: number): RateLimit {
  if (most === 0) return () => Promise.resolve(null);
  const limiter = new Memory({ points: most, duration: seconds });

  return async (key) => {
    try {
      await limiter.consume(key);
      return null;
    } catch (refusal) {
      return Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1000));
    }
  };
}
