import process from "node:process";
import { styleText } from "node:util";
import { printable, printableJson } from "../command/printable.ts";
import { flow } from "../command/terminal.ts";
import { adviceFor as knownAdvice, effectOf } from "../dashboard/page/advice.js";
import { type Closing, isOpen, type LedgerEvent } from "./ledger.ts";

/** What was asked for and what came. */
export interface Listing {
  events: LedgerEvent[];
  limit: number;
  now: Date;
}

/** So long Svix keeps what it delivered. */
const KEPT_DAYS = 90;

const DAY_MS = 86_400_000;

/** The events for people, each with its cause, and below them, once, what to do about those that are open. */
export function formatListing({ events, limit, now }: Listing, width: number): string {
  if (events.length === 0) return "no such event";
  const open = events.filter(isOpen);
  const more = events.length === limit ? `; there may be more than --limit ${limit}` : "";
  return [
    ...events.flatMap((event) => [lines(event, now, width), ""]),
    ...(open.length > 0 ? [whatToDo(open, now, width), ""] : []),
    `${events.length} ${events.length === 1 ? "event" : "events"}, ${open.length} open${more}`,
  ].join("\n");
}

function lines(event: LedgerEvent, now: Date, width: number): string {
  const { event_id, event_type, object_id, outcome, attempts, error_code, error } = event;
  const { first_received_at, last_received_at } = event;
  const paint = isOpen(event) ? "red" : outcome === "applied" ? "green" : "dim";
  const times = [...new Set([first_received_at, last_received_at].map(utc))].join(" to ");
  const why = isOpen(event)
    ? causeOf(event)
    : [effectOf(event), error_code, error].filter((text) => text).map((text) => printable(text!))
      .join(": ");
  const details = [
    `  ${object_id === null ? "" : `${printable(object_id)}, `}${attempts} ` +
    `${attempts === 1 ? "attempt" : "attempts"}, ${times} UTC`,
    ...(why === "" ? [] : [`  ${why}`]),
    ...(isOpen(event) && !isKept(event, now) ? [`  ${GONE}`] : []),
  ];
  const title = `${printable(event_id)}  ${printable(event_type)}  `;
  return [
    title + styleText(paint, printable(outcome), { stream: process.stdout }),
    ...details.map((detail) => flow(detail, width)),
  ].join("\n");
}

function whatToDo(open: LedgerEvent[], now: Date, width: number): string {
  const id = open.length === 1 ? printable(open[0]!.event_id) : "msg_…";
  const isAnyKept = open.some((event) => isKept(event, now));
  return [
    ...(isAnyKept ? [flow(`To deliver one again: ${dashboardOf(id)}`, width)] : []),
    // Commands stay in one line, to be copied.
    `With its body at hand:\n  ${replayOf(id)}`,
    `If it will never succeed:\n  ${closeOf(id)}`,
  ].join("\n");
}

/** The events and what to do, as one JSON object. */
export function listingJson({ events, limit, now }: Listing): string {
  return printableJson({
    events: events.map((event) => ({
      ...event,
      is_open: isOpen(event),
      advice: adviceFor(event, now),
    })),
    open: events.filter(isOpen).length,
    is_cut_off: events.length === limit,
  });
}

/** What to do about an event, a sentence a line; nothing for one that is settled, ignored or closed. */
function adviceFor(event: LedgerEvent, now: Date): string[] {
  if (!isOpen(event)) return [];
  const id = printable(event.event_id);
  return [
    causeOf(event),
    isKept(event, now) ? dashboardOf(id) : GONE,
    `With its body at hand: ${replayOf(id)}`,
    `If it will never succeed: ${closeOf(id)}`,
  ];
}

const GONE = `Clerk has its body no more, after ${KEPT_DAYS} days: bring the object itself up to ` +
  "date by sync-from-clerk.";

/** How one is delivered again from Clerk's Dashboard. */
export const dashboardOf = (id: string) =>
  `Clerk's Dashboard: Webhooks → the endpoint → Message Attempts → search ${id} → Replay.`;
/** The command that delivers one again. */
export const replayOf = (id: string) => `npm run replay -- --file body.json --id ${id}`;
const closeOf = (id: string) => `npm run events -- --close ${id}`;

function isKept({ first_received_at }: LedgerEvent, now: Date): boolean {
  return now.getTime() - Date.parse(first_received_at) < KEPT_DAYS * DAY_MS;
}

function causeOf(event: LedgerEvent): string {
  const { meaning, remedy } = knownAdvice(event);
  const { error, error_code } = event;
  const where = [error_code ?? "no code", error].filter((part) => part !== null).join(": ");
  return `${printable(meaning)} (${printable(where)}) ${printable(remedy)}`;
}

/** A time as 2026-12-01 12:00:00, in UTC. */
export function utc(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? "-" : at.toISOString().slice(0, 19).replace("T", " ");
}

const MEANINGS: Record<Closing["result"], string> = {
  closed: "closed: it is open no more, and a later delivery may still apply it",
  not_open: "not open: it is settled, ignored or closed already, and stays so",
  unknown: "unknown: the ledger has no such event",
};

/** A line for each event that was to be closed. */
export function formatClosings(closings: Closing[]): string {
  return closings.map(({ event_id, result }) => `${printable(event_id)}  ${MEANINGS[result]}`)
    .join("\n");
}
