import { signDelivery } from "../simulate/delivery.ts";
import type { Reply } from "./ask.ts";
import type { Context } from "./check.ts";

/** A type that the sync does not follow: it is recorded, and nothing else happens. */
export const PING_TYPE = "doctor.ping";

/** Always the same: the ledger has one row of it, however often the doctor comes. */
const PING_ID = "msg_doctor_ping";

/** Sends the event that does nothing, signed with a secret. */
export function ping({ target, ask, now }: Context, secret: string): Promise<Reply> {
  const at = now();
  const body = JSON.stringify({
    type: PING_TYPE,
    object: "event",
    data: {},
    timestamp: at.getTime(),
  });
  const { headers } = signDelivery({ id: PING_ID, body, secret, at });
  return ask(target.webhookUrl, { method: "POST", headers, body });
}
