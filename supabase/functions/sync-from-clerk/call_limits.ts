import { createRateLimit, type RateLimit } from "../_clerk_sync/http/rate_limit.ts";
import type { Caller } from "./caller.ts";

/** Calls that one process takes in a minute: of each user, and of all who hold a secret key together. */
export const CALLS_PER_MINUTE: Record<Caller["kind"], number> = { user: 30, secret: 600 };

/** Counts the calls of each caller. */
export type CallLimits = Record<Caller["kind"], RateLimit>;

/** Limits in the memory of this process: each call costs requests to Clerk, whose limits are those of all the app. */
export function createCallLimits(): CallLimits {
  return {
    user: createRateLimit(CALLS_PER_MINUTE.user, 60),
    secret: createRateLimit(CALLS_PER_MINUTE.secret, 60),
  };
}
