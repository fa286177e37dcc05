import { jwtVerify } from "jose";

/** Checks the `Authorization` header of a request; returns what is wrong with it, if anything is. */
export async function verifyJwt(headers: Headers, secret: string): Promise<string | undefined> {
  const [scheme, token] = headers.get("authorization")?.split(" ") ?? [];
  if (!scheme) return "Missing authorization header";
  if (scheme.toLowerCase() !== "bearer" || !token) return "Auth header is not 'Bearer {token}'";
  try {
    await jwtVerify(token, new TextEncoder().encode(secret), { algorithms: ["HS256"] });
    return undefined;
  } catch {
    return "Invalid JWT";
  }
}
