import type { RateLimiterMemory as Limiter, RateLimiterRes } from "rate-limiter-flexible";
// The package's own index loads limiters of a dozen databases.
import RateLimiterMemory from "rate-limiter-flexible/lib/RateLimiterMemory.js";

/** How much is taken; 0: any amount. */
export interface RateLimitOptions {
  /** Requests of one address that fail verification. */
  failuresPerMinute: number;
  /** Verified deliveries of one process. */
  verifiedPerSecond: number;
}

/** Counts requests, and tells in how many seconds to come back once there were too many: null while there were not. */
export interface RateLimits {
  failed(bucket: number): Promise<number | null>;
  verified(): Promise<number | null>;
}

/** Limits in the memory of this process: one counter for each bucket of addresses, and one for what is verified. */
export function createRateLimits(options: RateLimitOptions): RateLimits {
  const failures = limiterOf(options.failuresPerMinute, 60);
  const deliveries = limiterOf(options.verifiedPerSecond, 1);
  return {
    failed: (bucket) => consume(failures, bucket),
    verified: () => consume(deliveries, 0),
  };
}

/** The package has types for its index alone. */
const Memory = RateLimiterMemory as unknown as typeof Limiter;

function limiterOf(points: number, duration: number): Limiter | null {
  return points > 0 ? new Memory({ points, duration }) : null;
}

async function consume(limiter: Limiter | null, key: number): Promise<number | null> {
  try {
    await limiter?.consume(key);
    return null;
  } catch (refusal) {
    return Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1000));
  }
}
