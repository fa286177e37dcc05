import { ClerkApiError } from "../_clerk_sync/clerk/api.ts";
import { type Answer, refused } from "../_clerk_sync/http/answer.ts";
import type { LogFields } from "../_clerk_sync/log.ts";
import { DatabaseError } from "../_clerk_sync/sync/database.ts";
import { OtherInstanceError } from "./instance.ts";
import { TooLargeError } from "./read.ts";

/** When to come back, where Clerk does not say: its limits are counted over ten seconds. */
const RETRY_AFTER_SECONDS = 10;

/** The answer to a request that an error ended. What is told of the error is told to the log. */
export function answerToFailure(error: unknown): Answer {
  if (error instanceof ClerkApiError) return ofClerk(error);
  if (error instanceof DatabaseError) return ofDatabase(error);
  if (error instanceof OtherInstanceError) {
    return refused(500, "misconfigured", { reason: error.message });
  }
  if (error instanceof TooLargeError) {
    const reason = "npm run drift -- --repair has no such limit";
    return refused(422, "too_large_organization", { reason });
  }
  // Nothing else is known to throw. The name alone is logged: a message might quote an answer.
  return refused(503, "unavailable", { error_code: (error as Error).name });
}

function ofClerk({ failure, message: reason, retryAfterSeconds }: ClerkApiError): Answer {
  const log: LogFields = { reason };
  switch (failure) {
    case "unauthorized":
      return refused(500, "misconfigured", { reason: `CLERK_SECRET_KEY: ${reason}` });
    case "not_enabled":
      return refused(422, "organizations_not_enabled", log);
    case "unavailable":
      return refused(503, "clerk_unavailable", log);
    case "rate_limited": {
      const seconds = retryAfterSeconds ?? RETRY_AFTER_SECONDS;
      return refused(503, "clerk_rate_limited", log, { "retry-after": String(seconds) });
    }
    case "invalid_answer":
    case "refused":
    case "not_found": // Where Clerk may well say so it is no error: here it contradicts itself.
      return refused(502, "clerk_invalid_answer", log);
  }
}

function ofDatabase({ message: reason, failure }: DatabaseError): Answer {
  // Refused or not: the code does not tell whether what Clerk answered is to blame, or a rule of the app's own.
  return refused(503, "unavailable", { reason, error_code: failure.code });
}
