/** Bytes that a signing secret has at least. Svix makes 24 or more; a key that can be guessed lets anyone sign. */
export const SECRET_BYTES = 16;

/** What keeps a text from being a signing secret. */
export type SecretProblem = "malformed" | "short";

/** Looks at a signing secret, base64 with or without `whsec_` before it. `whsec_` alone, an empty key, is malformed. */
export function secretProblem(secret: string): SecretProblem | null {
  const encoded = secret.replace(/^whsec_/, "");
  const isBase64 = encoded.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
  if (!isBase64) return "malformed";
  return bytesOf(secret) < SECRET_BYTES ? "short" : null;
}

/** How many bytes a well-formed secret has. */
export function bytesOf(secret: string): number {
  return Math.floor(secret.replace(/^whsec_/, "").replace(/=+$/, "").length * 3 / 4);
}
