import { isOneOf, type NamedKeys } from "../_clerk_sync/env.ts";
import { createRateLimit, type RateLimit } from "../_clerk_sync/http/rate_limit.ts";
import type { Session, VerifySession } from "./session_token.ts";

/** Who calls: someone who holds the project's secret key, or a signed-in user. */
export type Caller = { kind: "secret" } | { kind: "user"; session: Session };

/** Who it is in a log line, and to a limit. */
export function nameOf(caller: Caller): string {
  return caller.kind === "secret" ? "secret" : caller.session.userId;
}

/** Who calls, or why nobody knows: a word for the caller, a reason for the log. */
export type Identity =
  | { kind: "known"; caller: Caller }
  | { kind: "unknown"; word: string; reason?: string };

/** Finds out who calls. Rejects with a ClerkApiError when Clerk has to be asked and does not answer. */
export type Identify = (headers: Headers) => Promise<Identity>;

/** What callers are checked with. */
export interface IdentifyOptions {
  verifySession: VerifySession;
  secretKeys: NamedKeys;
  publishableKeys: NamedKeys;
}

/**
 * A session token decides, whatever key comes with it: supabase-js sends the project's publishable key along. Without a
 * user it sends the key a second time in the token's place.
 */
export function createIdentify(options: IdentifyOptions): Identify {
  const { verifySession, secretKeys, publishableKeys } = options;

  return async (headers) => {
    const apikey = headers.get("apikey")?.trim() || null;
    const [, token] = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
    if (token && token !== apikey) return ofToken(token);
    if (!apikey) return { kind: "unknown", word: "missing_token" };

    if (await isOneOf(secretKeys, apikey)) return { kind: "known", caller: { kind: "secret" } };
    if (await isOneOf(publishableKeys, apikey)) {
      return { kind: "unknown", word: "missing_token", reason: "a publishable key alone" };
    }
    return { kind: "unknown", word: "invalid_key" };
  };

  async function ofToken(token: string): Promise<Identity> {
    const verdict = await verifySession(token);
    if (verdict.kind === "session") {
      return { kind: "known", caller: { kind: "user", session: verdict.session } };
    }
    return { kind: "unknown", word: verdict.word, reason: verdict.reason };
  }
}

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
