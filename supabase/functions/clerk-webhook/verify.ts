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
