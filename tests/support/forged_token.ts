import { type JWTPayload, SignJWT } from "jose";

/** A token that nobody signed. */
export function unsigned(alg: string, claims: JWTPayload): string {
  return `${encode({ alg, typ: "JWT" })}.${encode(claims)}.x`;
}

/** A token that some secret signed, in the way of Supabase's own. */
export function signedBySecret(claims: JWTPayload, secret: string): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(secret));
}

/** Another token's signature under other claims. */
export function withClaims(token: string, claims: JWTPayload): string {
  const [header, , signature] = token.split(".");
  return [header, encode(claims), signature].join(".");
}

/** One part of a token. */
export function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
