import { type Answer, send, signDelivery } from "../../../scripts/simulate/delivery.ts";
import { bodyText, type ClerkEvent } from "../clerk/event.ts";

/** Where to deliver, and who is told of every answer. */
export interface Endpoint {
  WEBHOOK_URL: string;
  CLERK_WEBHOOK_SECRET: string;
}

/** Svix waits seconds, then minutes; the tests have no time for that. */
const PAUSES_MS = { first: 100, longest: 1_000 };
const ATTEMPTS = 300;

/** Delivers an event until it is accepted, by one id and signed anew each time; returns every answer. */
export async function deliverUntilAccepted(
  event: ClerkEvent,
  { WEBHOOK_URL: url, CLERK_WEBHOOK_SECRET: secret }: Endpoint,
): Promise<Answer[]> {
  const body = bodyText(event);
  const answers: Answer[] = [];
  let pause = PAUSES_MS.first;
  while (answers.length < ATTEMPTS) {
    const delivery = signDelivery({ id: event.id, body, secret, at: new Date() });
    const answer = await send(delivery, { url });
    answers.push(answer);
    if (answer.kind === "answered" && answer.status >= 200 && answer.status < 300) break;
    await new Promise((wake) => setTimeout(wake, pause));
    pause = Math.min(pause * 2, PAUSES_MS.longest);
  }
  return answers;
}

/** An answer as `503 unavailable`, or why there was none. */
export function said(answer: Answer): string {
  return answer.kind === "answered" ? `${answer.status} ${answer.word}` : answer.reason;
}
