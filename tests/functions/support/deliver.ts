import type { RecordedCall } from "./fake_database.ts";
import { type Difference, signedRequest } from "./signed_request.ts";
import { startWebhook } from "./webhook.ts";

/** The answer to one delivery, as `422 rejected`, and the first call that it led to. */
export interface Delivered {
  said: string;
  call: RecordedCall | { name: "none"; args: Record<string, unknown> };
}

/** Delivers to a function of its own, whose database applies everything. */
export async function deliver(difference: Difference): Promise<Delivered> {
  const webhook = startWebhook();
  const { status, body } = await webhook.send(signedRequest(difference));
  const word = Object.values(body as Record<string, string>)[0];
  return { said: `${status} ${word}`, call: webhook.calls[0] ?? { name: "none", args: {} } };
}

/** Delivers a user.updated with these fields. */
export function deliverUser(fields: object): Promise<Delivered> {
  return deliver({ event: { type: "user.updated", data: { id: "user_1", ...fields } } });
}

/** Delivers a user.updated with these fields, given as JSON text. */
export function deliverUserJson(fields: string): Promise<Delivered> {
  return deliver({ body: `{"type":"user.updated","data":{"id":"user_1",${fields}}}` });
}
