import {
  base64url,
  CompactSign,
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWK,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from "jose";
import { createSessionTokens, type SessionTokens } from "../token/session_tokens.ts";

/** Who signs session tokens: the `iss` of the tokens, and the keys that they are checked with. */
export type Issuer = { iss: string; keyOf: JWTVerifyGetKey };

/** An issuer's keys can't be had, so that nothing is known of a token. */
class KeysUnavailable extends Error {
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

/** What a token turned out to be. A valid one comes back signed with the stack's own secret. */
type Verdict =
  | { kind: "valid"; token: string }
  | { kind: "invalid"; problem: TokenProblem }
  | { kind: "unavailable"; message: string };

/** Checks a token that came with a request. */
export type CheckToken = (token: string) => Promise<Verdict>;

/** How long after its end a token still passes, and how long before its beginning. */
const LEEWAY_SECONDS = 30;

/**
 * Checks tokens as PostgREST does: those of the stack's own secret (HS256), and session tokens that one of the issuers
 * signed (RS256), each with the role that it names. @supabase/lite knows the former only, and no leeway: what differs is
 * signed anew for it.
 */
export function createCheckToken(jwtSecret: string, issuers: Issuer[]): CheckToken {
  const secret = new TextEncoder().encode(jwtSecret);

  return async (token) => {
    const parts = token.split(".").filter(Boolean);
    if (parts.length !== 3) {
      const message = `Expected 3 parts in JWT; got ${parts.length}`;
      return { kind: "invalid", problem: { code: "PGRST301", message, details: null } };
    }
    try {
      const { alg } = decodeProtectedHeader(token);
      const isSession = alg === "RS256";
      const claims = isSession ? await checkSession(token) : await checkOwn(token);
      const legible = legibleToLite(claims, Math.floor(Date.now() / 1000));
      if (!isSession && legible === claims) return { kind: "valid", token };
      // Otherwise the very bytes, so that the database sees what the issuer said.
      const payload = legible === claims
        ? base64url.decode(token.split(".")[1]!)
        : new TextEncoder().encode(JSON.stringify(legible));
      return { kind: "valid", token: await sign(payload) };
    } catch (error) {
      if (error instanceof KeysUnavailable) return { kind: "unavailable", message: error.message };
      return { kind: "invalid", problem: problemOf(error) };
    }
  };

  async function checkOwn(token: string): Promise<JWTPayload> {
    const algorithms = ["HS256"];
    return (await jwtVerify(token, secret, { algorithms, clockTolerance: LEEWAY_SECONDS })).payload;
  }

  async function checkSession(token: string): Promise<JWTPayload> {
    const issuer = issuers.find(({ iss }) => iss === decodeJwt(token).iss);
    if (!issuer) {
      throw new UnknownIssuer(
        `The issuer is not ${issuers.map(({ iss }) => iss).join(" or ")}`,
      );
    }
    const { payload } = await jwtVerify(token, issuer.keyOf, {
      algorithms: ["RS256"],
      issuer: issuer.iss,
      clockTolerance: LEEWAY_SECONDS,
    });
    return payload;
  }

  function sign(payload: Uint8Array): Promise<string> {
    return new CompactSign(payload)
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .sign(secret);
  }
}

class UnknownIssuer extends Error {
  override name = "UnknownIssuer";
}

/** The claims, the same object if lite takes them as they are: in time to the second, and a role that is a word. */
function legibleToLite(claims: JWTPayload, now: number): JWTPayload {
  const { exp, nbf, iat, role } = claims;
  const changed: JWTPayload = {};
  if (exp !== undefined && exp <= now) changed.exp = now + LEEWAY_SECONDS;
  if (nbf !== undefined && nbf > now) changed.nbf = now;
  if (iat !== undefined && iat > now) changed.iat = now;
  // PostgREST takes anything else for the name of a role, which then does not exist.
  if (role !== undefined && typeof role !== "string") changed.role = JSON.stringify(role);
  return Object.keys(changed).length === 0 ? claims : { ...claims, ...changed };
}

/** What is wrong with a token, in PostgREST's words: PGRST301 for one that can't be read, PGRST303 for its claims. */
type TokenProblem = {
  code: "PGRST301" | "PGRST303";
  message: string;
  details: string | null;
};

/** Nobody who is known signed it. */
function unknownKey(details = "None of the keys was able to decode the JWT"): TokenProblem {
  return { code: "PGRST301", message: "No suitable key or wrong key type", details };
}

/** A known signature under claims that don't hold. */
function wrongClaim(message: string, details: string | null = null): TokenProblem {
  return { code: "PGRST303", message, details };
}

/** What jose, or the lack of an issuer, says of a token. */
function problemOf(error: unknown): TokenProblem {
  if (error instanceof UnknownIssuer) return unknownKey(error.message);
  if (error instanceof errors.JWTExpired) return wrongClaim("JWT expired");
  if (!(error instanceof errors.JWTClaimValidationFailed)) return unknownKey();
  const isEarly = error.claim === "nbf" && error.reason === "check_failed";
  return isEarly
    ? wrongClaim("JWT not yet valid")
    : wrongClaim("JWT claims validation failed", error.message);
}

/** The problem as PostgREST answers it. A browser may read it: pages are told of a token that is over. */
export function toResponse({ code, message, details }: TokenProblem): Response {
  return Response.json({ code, message, details, hint: null }, {
    status: 401,
    headers: {
      "access-control-allow-origin": "*",
      "www-authenticate": `Bearer error="invalid_token", error_description=${
        JSON.stringify(message)
      }`,
    },
  });
}
