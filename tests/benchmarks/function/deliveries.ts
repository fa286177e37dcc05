import { randomUUID } from "node:crypto";
import { signDelivery } from "../../../scripts/simulate/delivery.ts";
import { SAMPLE_TYPES, SAMPLES } from "../../../scripts/simulate/samples.ts";
import { BODY_LIMIT_BYTES } from "../../../supabase/functions/clerk-webhook/receive.ts";

/** What a request is made of, as often as it is needed. */
export interface Delivery {
  headers: Headers;
  body: string;
}

/** What events are about: the first word of their types. */
export const KINDS = [...new Set(SAMPLE_TYPES.map(kindOf))];

/** One signed delivery of each sample of a kind. */
export function signedOf(kind: string, secret: string): Delivery[] {
  const types = SAMPLE_TYPES.filter((type) => kindOf(type) === kind);
  return types.map((type) => signed(JSON.stringify(SAMPLES[type]), secret));
}

/** What nobody signed. */
export const UNSIGNED = {
  "without headers": withoutHeaders,
  "wrong signature": forged,
  "wrong signature, the largest body": forgedLarge,
};

function withoutHeaders(): Delivery {
  return { headers: new Headers({ "content-type": "application/json" }), body: "{}" };
}

/** In the right form, so that its body is read and hashed before it is refused. */
function forged(body = JSON.stringify(SAMPLES["user.created"])): Delivery {
  const nobodys = `whsec_${btoa("nobody knows this secret")}`;
  return signed(body, nobodys);
}

function forgedLarge(): Delivery {
  return forged("x".repeat(BODY_LIMIT_BYTES));
}

function signed(body: string, secret: string): Delivery {
  const id = `msg_${randomUUID()}`;
  const { headers } = signDelivery({ id, body, secret, at: new Date() });
  return { headers: new Headers(headers), body };
}

function kindOf(type: string): string {
  return type.split(".")[0]!;
}
