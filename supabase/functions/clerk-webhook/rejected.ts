import { type Answer, refused } from "../_clerk_sync/http/answer.ts";
import type { LogFields } from "../_clerk_sync/log.ts";

/**
 * 422: the event will never be applied, so Svix is told not to try again:
 * https://docs.svix.com/receiving/delivery-control
 */
export function rejected(log: LogFields): Answer {
  return refused(422, "rejected", log, { "webhook-delivery": "abort-message" });
}
