import { errors } from "jose";

/** What is wrong with a token, in PostgREST's words: PGRST301 for one that can't be read, PGRST303 for its claims. */
export type TokenProblem = {
  code: "PGRST301" | "PGRST303";
  message: string;
  details: string | null;
};

/** Nobody who is known signed it. */
export function unknownKey(
  details = "None of the keys was able to decode the JWT",
): TokenProblem {
  return { code: "PGRST301", message: "No suitable key or wrong key type", details };
}

/** Not three parts with dots between them. */
export function malformed(parts: number): TokenProblem {
  return { code: "PGRST301", message: `Expected 3 parts in JWT; got ${parts}`, details: null };
}

/** A known signature under claims that don't hold. */
export function wrongClaim(message: string, details: string | null = null): TokenProblem {
  return { code: "PGRST303", message, details };
}

/** What jose says of a token. */
export function problemOf(error: unknown): TokenProblem {
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
