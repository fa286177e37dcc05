import { printable } from "../command/printable.ts";
import { meaningOf } from "../dashboard/page/advice.js";
import { isOpen, type LedgerEvent } from "./ledger_event.ts";

/** So long Svix keeps what it delivered. */
const KEPT_DAYS = 90;

const DAY_MS = 86_400_000;

/** What to do about an event, a sentence a line; nothing for one that is settled, ignored or closed. */
export function adviceFor(event: LedgerEvent, now: Date): string[] {
  if (!isOpen(event)) return [];
  const id = printable(event.event_id);
  const ageDays = (now.getTime() - Date.parse(event.first_received_at)) / DAY_MS;
  const replay = ageDays < KEPT_DAYS
    ? `Clerk's Dashboard: Webhooks → the endpoint → Message Attempts → search ${id} → Replay.`
    : `Clerk has its body no more, after ${KEPT_DAYS} days: bring the object itself up to date by sync-from-clerk.`;
  return [
    causeOf(event),
    replay,
    `With its body at hand: npm run replay -- --file body.json --id ${id}`,
    `If it will never succeed: npm run events -- --close ${id}`,
  ];
}

function causeOf(event: LedgerEvent): string {
  const { outcome, error, error_code } = event;
  const code = printable(error_code ?? "no code");
  if (outcome === "failed") {
    const meaning = printable(meaningOf(event)) || "The database did not take it.";
    return `${meaning} (${code}; Svix goes on trying for some 28 hours.)`;
  }
  if (error_code === "invalid_body") {
    return `Its body is not what Clerk sends, at ${printable(error ?? "an unknown place")}. ` +
      "The same body is rejected again until the function reads it.";
  }
  return `It holds a value that PostgreSQL can't store (${code}): correct it in Clerk, a new event follows.`;
}
