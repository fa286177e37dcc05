import { type Answer, said, send, signDelivery } from "../simulate/delivery.ts";
import { bodyText, type ClerkEvent } from "./clerk/world.ts";

/** Where to deliver, and what signs. */
export interface Endpoint {
  WEBHOOK_URL: string;
  CLERK_WEBHOOK_SECRET: string;
}

/** Svix waits seconds, then minutes; nobody has time for that here. */
const PAUSES_MS = { first: 100, longest: 1_000 };

/**
 * Delivers an event as Svix does: by one id and signed anew each time, until the answer is 2xx, or `attempts` were made.
 * Returns every answer.
 */
export async function deliverUntilAccepted(
  event: ClerkEvent,
  { WEBHOOK_URL: url, CLERK_WEBHOOK_SECRET: secret }: Endpoint,
  attempts: number = 300,
): Promise<Answer[]> {
  const body = bodyText(event);
  const answers: Answer[] = [];
  for (let pause = PAUSES_MS.first;; pause = Math.min(pause * 2, PAUSES_MS.longest)) {
    const delivery = signDelivery({ id: event.id, body, secret, at: new Date() });
    const answer = await send(delivery, { url });
    answers.push(answer);
    if (said(answer).startsWith("2") || answers.length >= attempts) return answers;
    await new Promise((wake) => setTimeout(wake, pause));
  }
}
