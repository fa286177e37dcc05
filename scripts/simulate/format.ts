import { printable, printableJson } from "../command/printable.ts";
import type { DeliveryResult, Summary } from "./tally.ts";

/** How a run ended, and what repeats it. */
export interface RunEnd {
  planned: number;
  seed: string;
  interrupted: boolean;
}

const TYPE_WIDTH = "organizationMembership.created".length;
const OUTCOME_WIDTH = "connection_refused".length;

/** One delivery as one line for people. */
export function formatLine(result: DeliveryResult, isColored: boolean): string {
  const paint = (text: string) => isColored ? `\x1b[${result.ok ? 32 : 31}m${text}\x1b[0m` : text;
  return [
    printable(result.type, 80).padEnd(TYPE_WIDTH),
    paint(statusText(result.status)),
    paint((result.outcome ?? "-").padEnd(OUTCOME_WIDTH)),
    `${Math.round(result.ms)} ms`.padStart(8),
    result.id,
  ].join("  ");
}

/** The end of a run for people, of several lines. */
export function formatSummary(summary: Summary, end: RunEnd): string {
  const { deliveries, ms } = summary;
  const [p50, p95, max] = [ms.p50, ms.p95, ms.max].map(Math.round);
  const of = deliveries === end.planned ? "" : ` of ${end.planned}`;
  const seconds = (summary.elapsedMs / 1000).toFixed(1);
  return [
    `${deliveries}${of} ${end.planned === 1 ? "delivery" : "deliveries"} in ${seconds} s, ` +
    `${summary.perSecond.toFixed(1)}/s${end.interrupted ? ", interrupted" : ""}`,
    ...summary.counts.map(({ status, outcome, count }) =>
      `  ${statusText(status)}  ${(outcome ?? "-").padEnd(OUTCOME_WIDTH)}  ${count}`
    ),
    `  p50 ${p50} ms, p95 ${p95} ms, max ${max} ms`,
    `  seed ${printable(end.seed, 80)}`,
  ].join("\n");
}

/** One delivery as one line of JSON. */
export function deliveryJson(result: DeliveryResult): string {
  const { type, id, ok, status, outcome, ms } = result;
  return printableJson({
    type: "delivery",
    event_type: type,
    event_id: id,
    ok,
    status,
    outcome,
    ms: rounded(ms),
  });
}

/** The end of a run as one line of JSON. */
export function summaryJson(summary: Summary, end: RunEnd): string {
  const { deliveries, ok, failed, counts, ms, elapsedMs, perSecond } = summary;
  return printableJson({
    type: "summary",
    planned: end.planned,
    deliveries,
    ok,
    failed,
    counts,
    ms: { p50: rounded(ms.p50), p95: rounded(ms.p95), max: rounded(ms.max) },
    elapsed_ms: rounded(elapsedMs),
    per_second: rounded(perSecond),
    seed: end.seed,
    interrupted: end.interrupted,
  });
}

function statusText(status: number | null): string {
  return status === null ? "---" : String(status);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
