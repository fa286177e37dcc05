import process from "node:process";
import { styleText } from "node:util";
import { printable, printableJson } from "../command/printable.ts";
import { flow } from "../command/terminal.ts";
import { adviceFor, causeOf } from "../dashboard/page/advice.js";
import { dashboardOf, replayOf, utc } from "./format.ts";
import type { OpenCause } from "./ledger.ts";

/** What is open, a paragraph for each cause, and below them, once, how a single event is seen, replayed or closed. */
export function formatCauses(causes: OpenCause[], limit: number, width: number): string {
  if (causes.length === 0) return "nothing is open";
  const open = causes.reduce((sum, { events }) => sum + events, 0);
  const more = causes.length === limit ? `; there may be more than --limit ${limit}` : "";
  return [
    ...causes.flatMap((cause) => [paragraph(cause, width), ""]),
    `One by one:\n  npm run events -- --outcome failed,rejected`,
    flow(`To deliver one again: ${dashboardOf("msg_…")}`, width),
    `With its body at hand:\n  ${replayOf("msg_…")}`,
    "If it will never succeed:\n  npm run events -- --close msg_…",
    "",
    `${count(open, "event")} open, of ${count(causes.length, "cause")}${more}`,
  ].join("\n");
}

function paragraph(cause: OpenCause, width: number): string {
  const { outcome, error_code, error, events, first_received_at, last_received_at } = cause;
  const { meaning, remedy } = adviceFor(cause);
  const types = Object.entries(cause.event_types).sort(([, a], [, b]) => b - a)
    .map(([type, number]) => `${type} ${number}`).join(", ");
  const times = [...new Set([first_received_at, last_received_at].map(utc))].join(" to ");
  const code = error && error_code ? ` (${error_code})` : "";
  const title = `${events} × ${styleText("red", printable(outcome), { stream: process.stdout })}: `;
  return [
    `${title}${printable(causeOf(cause))}${printable(code)}`,
    ...[
      `${meaning} ${remedy}`,
      `${types}; ${times} UTC`,
      againOf(cause),
      `The newest: ${cause.newest_event_id}`,
    ].map((line) => flow(`  ${printable(line)}`, width)),
  ].join("\n");
}

/** When the next of them is delivered again, by Svix' schedule, and how many are not. */
function againOf({ next_attempt_at, not_again }: OpenCause): string {
  const parts = [
    next_attempt_at === null
      ? null
      : `Svix delivers the next one again at about ${utc(next_attempt_at)} UTC.`,
    not_again === 0
      ? null
      : `It delivers ${not_again} of them no more: replay ${not_again === 1 ? "it" : "them"}.`,
  ];
  return parts.filter((part) => part !== null).join(" ");
}

/** The causes as one JSON object. */
export function causesJson(causes: OpenCause[], limit: number): string {
  return printableJson({
    causes: causes.map((cause) => ({ ...cause, ...adviceFor(cause) })),
    open: causes.reduce((sum, { events }) => sum + events, 0),
    is_cut_off: causes.length === limit,
  });
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
