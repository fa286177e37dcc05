import { createRateLimit } from "../_clerk_sync/http/rate_limit.ts";

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
  const failed = createRateLimit(options.failuresPerMinute, 60);
  const verified = createRateLimit(options.verifiedPerSecond, 1);
  return { failed, verified: () => verified(0) };
}
