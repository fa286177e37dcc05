import { bodyText, type ClerkEvent } from "../../tests/convergence/clerk/event.ts";
import { send, signDelivery } from "../simulate/delivery.ts";
import type { Target } from "./target.ts";

/** Told of each answer, as `200 applied`, or of why there was none. */
export type OnAnswer = (answer: string) => void;

const ATTEMPTS = 6;
const PAUSE_MS = 250;

/** Delivers an event as Svix does: again with the same id until the answer is 2xx, but not for ever. */
export async function deliver(
  event: ClerkEvent,
  { webhookUrl, secret }: Target,
  onAnswer: OnAnswer,
): Promise<void> {
  const body = bodyText(event);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const delivery = signDelivery({ id: event.id, body, secret, at: new Date() });
    const answer = await send(delivery, { url: webhookUrl });
    onAnswer(answer.kind === "answered" ? `${answer.status} ${answer.word}` : answer.reason);
    if (answer.kind === "answered" && answer.status >= 200 && answer.status < 300) return;
    await new Promise((wake) => setTimeout(wake, PAUSE_MS * attempt));
  }
}
