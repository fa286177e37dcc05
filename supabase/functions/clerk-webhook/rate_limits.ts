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
  failed(bucket: number): number | null;
  verified(): number | null;
}

/** Limits in the memory of this process: one counter for each bucket of addresses, and one for what is verified. */
export function createRateLimits(options: RateLimitOptions): RateLimits {
  const failed = createRateLimit(options.failuresPerMinute, 60);
  const verified = createRateLimit(options.verifiedPerSecond, 1);
  return { failed, verified: () => verified(0) };
}

/** So many counters are kept, however many addresses send. */
export const BUCKETS = 4096;

/** An address is some 40 characters; more is nobody's address. */
const ADDRESS_LIMIT = 64;

/**
 * The bucket that a request's client address falls into. Cloudflare, in front of Supabase, sets `cf-connecting-ip` itself;
 * elsewhere the last entry of `x-forwarded-for` is the one that the nearest proxy wrote. Neither is promised by Supabase,
 * and anybody may forge either where no proxy is: nothing but fairness may hang on it.
 */
export function bucketOf(headers: Headers): number {
  const address = headers.get("cf-connecting-ip") ??
    headers.get("x-forwarded-for")?.split(",").at(-1) ?? "";
  return hash(address.trim().slice(0, ADDRESS_LIMIT)) % BUCKETS;
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
