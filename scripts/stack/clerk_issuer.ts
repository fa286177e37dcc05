import { createSessionTokens, type SessionTokens } from "../token/session_tokens.ts";
import type { JWK } from "jose";

/** Where the issuer publishes its keys, below the stack's address. */
export const JWKS_PATH = "/auth/v1/.well-known/jwks.json";

/** The stack's stand-in for a Clerk instance, as far as its session tokens go. */
export function createClerkIssuer(apiUrl: string, key: JWK): Promise<SessionTokens> {
  return createSessionTokens({ issuer: `${apiUrl}/auth/v1`, key });
}
