import { createVerify, type Verdict } from "./verify.ts";
import { whyUnsigned } from "./why_unsigned.ts";

/** Checks the signature of a raw body, be it large. */
export type VerifyLarge = (headers: Headers, body: string) => Promise<Verdict>;

/**
 * Where it begins to be worth it. svix hashes in JavaScript, some 14 ms a megabyte: a flood of large bodies would fill the
 * process with hashes of what nobody signed. The engine's own hash takes a tenth of that, and a pause.
 */
export const LARGE_FROM_CHARACTERS = 10_000;

/** As svix signs: 32 bytes in base64. */
const SIGNATURE_LENGTH = 44;

/**
 * As `createVerify`, which has the last word on all that is accepted; but a large body that no secret signed is refused by
 * the engine's own hash before. Throws when a secret is malformed.
 */
export function createVerifyLarge(secrets: string[]): VerifyLarge {
  const verify = createVerify(secrets);
  let keys: Promise<CryptoKey[]> | null = null;

  return async (headers, body) => {
    if (body.length >= LARGE_FROM_CHARACTERS) {
      const unsigned = whyUnsigned(headers);
      if (unsigned) return { kind: "refused", reason: unsigned };
      keys ??= Promise.all(secrets.map(keyOf));
      if (!await isSignedByAny(await keys, headers, body)) {
        return { kind: "refused", reason: "No matching signature found" };
      }
    }
    return verify(headers, body);
  };
}

/** Whether a key signed it. It reads the headers as svix does, a timestamp of `1772442000 s` too. */
async function isSignedByAny(keys: CryptoKey[], headers: Headers, body: string): Promise<boolean> {
  const of = (name: string) => headers.get(`svix-${name}`) ?? headers.get(`webhook-${name}`) ?? "";
  const signed = `${of("id")}.${parseInt(of("timestamp"), 10)}.${body}`;
  const bytes = new TextEncoder().encode(signed);
  const right = await Promise.all(keys.map((key) => crypto.subtle.sign("HMAC", key, bytes)));
  const rightOnes = right.map((hash) => btoa(String.fromCharCode(...new Uint8Array(hash))));

  let matching = 0;
  for (const signature of of("signature").split(" ")) {
    const [version, given = ""] = signature.split(",");
    if (version !== "v1" || given.length !== SIGNATURE_LENGTH) continue;
    for (const one of rightOnes) matching += Number(isEqual(one, given));
  }
  return matching > 0;
}

/** How long it takes tells nothing of where they differ. Both are SIGNATURE_LENGTH long. */
function isEqual(a: string, b: string): boolean {
  let difference = 0;
  for (let index = 0; index < SIGNATURE_LENGTH; index++) {
    difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  }
  return difference === 0;
}

function keyOf(secret: string): Promise<CryptoKey> {
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (char) => char.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}
