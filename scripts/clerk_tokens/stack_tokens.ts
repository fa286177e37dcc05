import type { JWK } from "jose";
import { createSessionTokens, type SessionTokens } from "./session_tokens.ts";

/** What a running stack writes down of its issuer. */
export type StackIssuer = { CLERK_ISSUER: string; CLERK_SIGNING_KEY: string };

/** A private key as one word, which goes through dotenv and a shell. */
export function encodeSigningKey(key: JWK): string {
  return btoa(JSON.stringify(key));
}

/** Signs session tokens that a running stack accepts in Clerk's place. */
export function stackTokens(
  { CLERK_ISSUER: issuer, CLERK_SIGNING_KEY: key }: StackIssuer,
): Promise<SessionTokens> {
  return createSessionTokens({ issuer, key: JSON.parse(atob(key)) });
}
