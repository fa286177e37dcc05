import { signDelivery } from "../../scripts/simulate/delivery.ts";
import { SAMPLES } from "../../scripts/simulate/samples.ts";

/** Signs and verifies in these tests. */
export const SECRET = `whsec_${btoa("the secret of these tests")}`;

/** Another well-formed secret. */
export const OTHER_SECRET = `whsec_${btoa("a secret of someone else!")}`;

export const WEBHOOK_URL = "http://127.0.0.1/clerk-webhook";

/** One well-signed delivery, in what a test wants to be different. */
export interface Difference {
  /** The event; a sample where there is none. */
  event?: unknown;
  /** The raw body instead of an event. */
  body?: string | Uint8Array<ArrayBuffer>;
  /** What is sent in place of the body that was signed. */
  sent?: BodyInit | null;
  id?: string;
  at?: Date;
  secret?: string;
  method?: string;
  /** Prefix of the three headers. */
  prefix?: "svix" | "webhook";
  /** Headers in place of the signed ones; null leaves one out. */
  headers?: Record<string, string | null>;
}

/** A delivery that is right in everything but what `difference` says. */
export function signedRequest(difference: Difference = {}): Request {
  const { event = SAMPLES["user.created"], id = "msg_1", at = new Date(), secret = SECRET } =
    difference;
  const { body = JSON.stringify(event), method = "POST", prefix = "svix" } = difference;
  const signed = signDelivery({ id, body, secret, at });

  const headers = new Headers();
  for (const [name, value] of Object.entries(signed.headers)) {
    headers.set(name.replace(/^svix-/, `${prefix}-`), value);
  }
  for (const [name, value] of Object.entries(difference.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }

  const sent = difference.sent === undefined ? signed.body : difference.sent;
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(WEBHOOK_URL, { method, headers, body: hasBody ? sent : null });
}
