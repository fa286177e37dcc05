import { createHash } from "node:crypto";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36 = BASE62.slice(0, 10) + BASE62.slice(36);

/** An id in Clerk's form, `prefix_` and 27 letters and digits, that depends on `key` alone. */
export function freshId(prefix: string, key: string): string {
  return `${prefix}_3${letters(key, 26, BASE62)}`;
}

/** Eight small letters and digits that depend on `key` alone: makes a slug or an address unique. */
export function freshTag(key: string | Uint8Array): string {
  return letters(key, 8, BASE36);
}

function letters(key: string | Uint8Array, length: number, alphabet: string): string {
  const digest = createHash("sha256").update(key).digest();
  return Array.from(digest.subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join(
    "",
  );
}
