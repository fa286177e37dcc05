import { formatSeconds } from "../../../scripts/command/progress.ts";
import { plainTable } from "../../../scripts/command/terminal.ts";
import type { Target } from "../part.ts";
import { formatAmount, formatNumber } from "./amount.ts";
import { formatMachine } from "./machine.ts";
import { measureTables } from "./measure_tables.ts";
import type { MeasuredPart, PartReport, Report } from "./report.ts";
import { formatBound, formatLimit, isReached } from "./target.ts";
import { wrap } from "./wrap.ts";

const WIDTH = 100;
const INDENT = "  ";

/** Of a target: its number and limit fit beside it. */
const NAME_WIDTH = 45;

/** The report for people. */
export function formatReport(report: Report): string {
  return [heading(report), ...report.parts.map(formatPart), ...ending(report)].join("\n\n");
}

function heading({ machine, date, command, seed }: Report): string {
  const at = `${date.slice(0, 16).replace("T", " ")} UTC`;
  return [
    formatMachine(machine),
    `${at}, load ${machine.load.toFixed(2)} at the start, seed ${seed}`,
    command,
  ].join("\n");
}

function formatPart(part: PartReport): string {
  if (part.outcome === "failed") return `${part.name}\n${indent(`failed: ${part.error}`)}`;
  const title = [
    `${part.name}, ${formatSeconds(part.seconds)}`,
    ...wrap(part.title, WIDTH),
    ...wrap(settings(part), WIDTH),
  ].join("\n");
  const tables = measureTables(part.measures, WIDTH - INDENT.length);
  const targets = part.targets.length > 0 ? [targetTable(part.targets)] : [];
  return [title, ...[...tables, ...targets].map(indent)].join("\n\n");
}

function settings({ settings }: MeasuredPart): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}: ${typeof value === "number" ? formatNumber(value) : value}`)
    .join(", ");
}

function targetTable(targets: Target[]): string {
  const rows = targets.map((target) => [
    wrap(target.name, NAME_WIDTH).join("\n"),
    formatAmount(target.value, target.unit),
    formatLimit(target),
    isReached(target) ? "reached" : "missed",
    formatBound(target),
  ]);
  const isBounded = targets.some(({ bound }) => bound !== undefined);
  const columns = ["target", "is", "must be", "", ...(isBounded ? ["bounded by"] : [])];
  return plainTable(columns, rows.map((row) => row.slice(0, columns.length)));
}

function ending({ isInterrupted, isQuick }: Report): string[] {
  return [
    ...(isInterrupted ? ["interrupted"] : []),
    ...(isQuick ? ["quick: the parts work; how long they took means nothing"] : []),
  ];
}

function indent(text: string): string {
  return text.split("\n").map((line) => `${INDENT}${line}`.trimEnd()).join("\n");
}
