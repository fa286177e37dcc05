import { base64url, CompactSign, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { type Issuer, KeysUnavailable } from "./issuers.ts";
import {
  malformed,
  problemOf,
  type TokenProblem,
  unknownKey,
  wrongClaim,
} from "./token_problem.ts";

/** What a token turned out to be. A valid one comes back signed with the stack's own secret. */
export type Verdict =
  | { kind: "valid"; token: string }
  | { kind: "invalid"; problem: TokenProblem }
  | { kind: "unavailable"; message: string };

/** Checks a token that came with a request. */
export type CheckToken = (token: string) => Promise<Verdict>;

/** The one role that a session token may have. */
const SESSION_ROLE = "authenticated";

/**
 * Checks tokens as Supabase does: those of the stack's own secret (HS256), and session tokens that one of the issuers
 * signed (RS256). @supabase/lite knows the former only: the latter are signed anew for it, every claim as it is.
 */
export function createCheckToken(jwtSecret: string, issuers: Issuer[]): CheckToken {
  const secret = new TextEncoder().encode(jwtSecret);

  return async (token) => {
    const parts = token.split(".").filter(Boolean);
    if (parts.length !== 3) return invalid(malformed(parts.length));
    try {
      const { alg } = decodeProtectedHeader(token);
      if (alg === "RS256") return await checkSession(token);
      await jwtVerify(token, secret, { algorithms: ["HS256"] });
      return { kind: "valid", token };
    } catch (error) {
      if (error instanceof KeysUnavailable) return { kind: "unavailable", message: error.message };
      return invalid(problemOf(error));
    }
  };

  async function checkSession(token: string): Promise<Verdict> {
    const issuer = issuers.find(({ iss }) => iss === decodeJwt(token).iss);
    if (!issuer) {
      return invalid(unknownKey(`The issuer is not ${issuers.map(({ iss }) => iss).join(" or ")}`));
    }
    const { payload } = await jwtVerify(token, issuer.keyOf, {
      algorithms: ["RS256"],
      issuer: issuer.iss,
      requiredClaims: ["exp"],
    });
    if (payload.role !== SESSION_ROLE) {
      return invalid(wrongClaim(`The role of a session token must be ${SESSION_ROLE}`));
    }
    return { kind: "valid", token: await signAnew(token) };
  }

  function signAnew(token: string): Promise<string> {
    // The very bytes, so that the database sees what the issuer said.
    const [, payload = ""] = token.split(".");
    return new CompactSign(base64url.decode(payload))
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .sign(secret);
  }
}

function invalid(problem: TokenProblem): Verdict {
  return { kind: "invalid", problem };
}
