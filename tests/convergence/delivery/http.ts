import { send, signDelivery } from "../../../scripts/simulate/delivery.ts";
import { stackEnv } from "../../support/stack_env.ts";
import { bodyText } from "../clerk/event.ts";
import type { Send } from "./in_process.ts";

/** Sends to the webhook's URL, signed as by Svix. */
export function sendOverHttp(): Send {
  const { WEBHOOK_URL: url, CLERK_WEBHOOK_SECRET: secret } = stackEnv();
  return async (event) => {
    const delivery = signDelivery({ id: event.id, body: bodyText(event), secret, at: new Date() });
    const answer = await send(delivery, { url });
    return answer.kind === "answered" ? `${answer.status} ${answer.word}` : answer.reason;
  };
}
