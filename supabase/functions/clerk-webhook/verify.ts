import { Webhook } from "svix";

/** Whether a delivery is Clerk's. A refusal's reason is for the log; the caller is told nothing. */
export type Verdict =
  /** `secret` is the position of the one that signed it, 1 for the first. */
  | { kind: "verified"; eventId: string; secret: number }
  | { kind: "refused"; reason: string };

/** Checks the signature of a raw body. */
export type Verify = (headers: Headers, body: string) => Verdict;

/** V8's own property is not in the types of every Deno. */
const V8Error = Error as ErrorConstructor & { stackTraceLimit: number };

/** Svix ids are some 30 characters; the ledger's key need not take more. */
const EVENT_ID_LIMIT = 255;

/**
 * A verifier that accepts what is signed with any of `secrets`, by `svix-*` or `webhook-*` headers, within five minutes of
 * now: https://docs.svix.com/receiving/verifying-payloads/how. Throws when a secret is malformed.
 */
export function createVerify(secrets: string[]): Verify {
  const webhooks = secrets.map((secret) => new Webhook(secret));

  return (headers, body) => {
    const signed = Object.fromEntries(headers);
    const eventId = headers.get("svix-id") ?? headers.get("webhook-id") ?? "";
    if (eventId.length > EVENT_ID_LIMIT) return { kind: "refused", reason: "Message id too long" };

    let reason: string | null = "No secret";
    for (const [index, webhook] of webhooks.entries()) {
      reason = whyRefused(webhook, body, signed);
      if (reason === null) return { kind: "verified", eventId, secret: index + 1 };
    }
    return { kind: "refused", reason };
  };
}

/** What svix has against it; null: nothing. It writes out the stack of every refusal, which costs more than the hash. */
function whyRefused(
  webhook: Webhook,
  body: string,
  headers: Record<string, string>,
): string | null {
  const { stackTraceLimit } = V8Error;
  V8Error.stackTraceLimit = 0;
  try {
    webhook.verify(body, headers);
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    V8Error.stackTraceLimit = stackTraceLimit;
  }
}

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

/** Svix signs for five minutes: https://docs.svix.com/receiving/verifying-payloads/how */
const TOLERANCE_SECONDS = 5 * 60;

/**
 * Why headers can't be those of a signed delivery, whatever the body; null: they may be. It is no stricter than the
 * verification itself, and spares reading a body and a hash of it.
 */
export function whyUnsigned(headers: Headers): string | null {
  const of = (name: string) => headers.get(`svix-${name}`) ?? headers.get(`webhook-${name}`);
  const signature = of("signature");
  const sentAt = of("timestamp");
  if (!of("id") || !signature || !sentAt) return "Missing required headers";
  if (!/(^| )v1,/.test(signature)) return "No matching signature found";

  // As svix reads it.
  const ageSeconds = Math.floor(Date.now() / 1000) - parseInt(sentAt, 10);
  if (Number.isNaN(ageSeconds)) return "Invalid Signature Headers";
  if (ageSeconds > TOLERANCE_SECONDS) return "Message timestamp too old";
  if (ageSeconds < -TOLERANCE_SECONDS) return "Message timestamp too new";
  return null;
}
