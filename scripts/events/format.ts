import Table from "cli-table3";
import { printable, printableJson } from "../command/printable.ts";
import { adviceFor } from "./advice.ts";
import { isOpen, type LedgerEvent } from "./ledger_event.ts";

/** What was asked for and what came. */
export interface Listing {
  events: LedgerEvent[];
  limit: number;
  now: Date;
}

/** The events as a table for people, and below it what to do about each that is open. */
export function formatListing({ events, limit, now }: Listing): string {
  if (events.length === 0) return "no such event";
  const table = new Table({
    head: ["event", "outcome", "attempts", "first and last (UTC)", "error"],
    colWidths: [38, 10, 10, 21, 40],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const event of events) {
    table.push([
      [event.event_id, event.event_type, event.object_id ?? "-"].map((text) => printable(text))
        .join("\n"),
      printable(event.outcome),
      String(event.attempts),
      `${time(event.first_received_at)}\n${time(event.last_received_at)}`,
      [event.error_code, event.error].filter((text) => text !== null).map((text) => printable(text))
        .join("\n") ||
      "-",
    ]);
  }
  const open = events.filter(isOpen);
  return [
    table.toString(),
    ...open.flatMap((event) => [
      "",
      `${printable(event.event_id)}  ${printable(event.event_type)}`,
      ...adviceFor(event, now).map((line) => `  ${line}`),
    ]),
    "",
    `${events.length} ${events.length === 1 ? "event" : "events"}, ${open.length} open` +
    (events.length === limit ? `; there may be more than --limit ${limit}` : ""),
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

function time(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? "-" : at.toISOString().slice(0, 19).replace("T", " ");
}
