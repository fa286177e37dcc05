import type { NamedKeys } from "./project.ts";

/**
 * Whether a key is one of these. Digests of them are compared, each of them whole: how long that takes tells nothing about
 * a key.
 */
export async function isOneOf(keys: NamedKeys, key: string): Promise<boolean> {
  const digests = await Promise.all([key, ...Object.values(keys)].map(digestOf));
  const [given, ...known] = digests as [Uint8Array, ...Uint8Array[]];
  return known.filter((digest) => isEqual(digest, given)).length > 0;
}

async function digestOf(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.reduce((difference, byte, index) => difference | (byte ^ b[index]!), 0) === 0;
}
