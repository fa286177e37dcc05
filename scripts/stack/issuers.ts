import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWK,
  type JWTVerifyGetKey,
} from "jose";
import { createSessionTokens, type SessionTokens } from "../token/session_tokens.ts";

/** Who signs session tokens: the `iss` of the tokens, and the keys that they are checked with. */
export type Issuer = { iss: string; keyOf: JWTVerifyGetKey };

/** An issuer's keys can't be had, so that nothing is known of a token. */
export class KeysUnavailable extends Error {
  override name = "KeysUnavailable";
}

/** Those whose tokens a stack accepts: its own, and a Clerk instance if there is one. */
export function issuersOf(tokens: SessionTokens, clerkDomain: string | null): Issuer[] {
  return [localIssuer(tokens), ...(clerkDomain ? [clerkIssuer(clerkDomain)] : [])];
}

/** The stack's own issuer, in Clerk's place. */
export function localIssuer({ issuer, jwks }: SessionTokens): Issuer {
  return { iss: issuer, keyOf: createLocalJWKSet(jwks) };
}

/** A Clerk instance, by the domain of its Frontend API. Its keys are fetched when the first token comes, and kept. */
export function clerkIssuer(
  domain: string,
  jwksUrl = new URL(`https://${domain}/.well-known/jwks.json`),
): Issuer {
  const iss = `https://${domain}`;
  const keys = createRemoteJWKSet(jwksUrl);
  return {
    iss,
    keyOf: async (header, token) => {
      try {
        return await keys(header, token);
      } catch (error) {
        if (isOfTheToken(error)) throw error;
        throw new KeysUnavailable(`the keys of ${iss} can't be fetched`, { cause: error });
      }
    },
  };
}

/** Whether the keys are there, and the token's is not one of them. */
function isOfTheToken(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys;
}

/** Where the issuer publishes its keys, below the stack's address. */
export const JWKS_PATH = "/auth/v1/.well-known/jwks.json";

/** The stack's stand-in for a Clerk instance, as far as its session tokens go. */
export function createClerkIssuer(apiUrl: string, key: JWK): Promise<SessionTokens> {
  return createSessionTokens({ issuer: `${apiUrl}/auth/v1`, key });
}
