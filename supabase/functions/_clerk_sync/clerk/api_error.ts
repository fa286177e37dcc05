import { isClerkAPIResponseError } from "@clerk/backend/errors";

/**
 * Why Clerk gave no answer that can be used. `not_found`: Clerk itself says that nothing has this id. `unauthorized`: the
 * secret key is wrong. `not_enabled`: the instance has the feature switched off, which says nothing of the key, nor of what
 * was asked for. `refused`: another 4xx. `rate_limited`, `unavailable` and `invalid_answer` (not what Clerk's API answers)
 * may pass.
 */
export type ClerkFailure =
  | "not_found"
  | "unauthorized"
  | "not_enabled"
  | "refused"
  | "rate_limited"
  | "unavailable"
  | "invalid_answer";

/** A failed call of Clerk's API, in words that hold no key, no id and nothing of the answer. */
export class ClerkApiError extends Error {
  override name = "ClerkApiError";

  constructor(
    readonly failure: ClerkFailure,
    detail: string,
    /** How long Clerk asks to wait, in seconds. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(`Clerk: ${failure} (${detail})`);
  }
}

/** Clerk says by its code what a 403 is about: https://clerk.com/docs/guides/development/errors/backend-api */
const FORBIDDEN = new Map<string, ClerkFailure>([
  ["authorization_invalid", "unauthorized"],
  ["organization_not_enabled_in_instance", "not_enabled"],
  ["billing_not_enabled", "not_enabled"],
  ["feature_not_enabled", "not_enabled"],
]);

const NO_CODE = "no code";

/** What an error of Clerk's client means. */
export function classify(error: unknown): ClerkApiError {
  if (!isClerkAPIResponseError(error)) return new ClerkApiError("refused", "the client refused");
  const { status, retryAfter, errors: [first] } = error;
  const code = /^[a-z_]{1,50}$/.test(first?.code ?? "") ? first!.code : NO_CODE;
  const failure = failureOf(status, code, first?.message ?? "");
  const retryAfterSeconds = failure === "rate_limited" ? retryAfter ?? null : null;
  return new ClerkApiError(failure, `${status ?? "no status"}, ${code}`, retryAfterSeconds);
}

function failureOf(status: number | undefined, code: string, message: string): ClerkFailure {
  if (status === 429) return "rate_limited";
  if (status === 401) return "unauthorized";
  // Any server may answer 403, or 404 for a path that it does not have: only Clerk says why.
  if (status === 403) {
    return FORBIDDEN.get(code) ?? (code === NO_CODE ? "invalid_answer" : "refused");
  }
  if (status === 404) return code === "resource_not_found" ? "not_found" : "invalid_answer";
  if (status !== undefined) return status >= 400 && status < 500 ? "refused" : "unavailable";
  // No status: the network, or an answer that the client trips over; it hands over the engine's message alone.
  const isGarbage = /JSON|^Cannot |is not a function/.test(message);
  return isGarbage ? "invalid_answer" : "unavailable";
}
