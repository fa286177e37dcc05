import { formatSeconds } from "../../scripts/command/progress.ts";
import { plainTable } from "../../scripts/command/terminal.ts";
import {
  formatAmount,
  formatBound,
  formatLimit,
  formatNumber,
  formatReached,
  formatSettings,
  type Measures,
  type PartReport,
  type Report,
  type Target,
  unique,
  wrap,
} from "./part.ts";

const WIDTH = 80;
const INDENT = "  ";

/** Of a target: its number and limit, and what bounds it, fit beside it. */
const NAME_WIDTH = { bounded: 22, free: 28 };

/** The report for people, in lines of 80 characters at most. */
export function formatReport(report: Report): string {
  const { command, date, isInterrupted, isQuick, load, machine, parts, seed } = report;
  const at = `${date.slice(0, 16).replace("T", " ")} UTC`;
  return [
    [...wrap(machine, WIDTH), `${at}, load ${load.toFixed(2)} at the start, seed ${seed}`, command]
      .join("\n"),
    ...parts.map(formatPart),
    ...(isInterrupted ? ["interrupted"] : []),
    ...(isQuick ? ["quick: the parts work; how long they took means nothing"] : []),
  ].join("\n\n");
}

function formatPart(part: PartReport): string {
  if (part.outcome === "failed") return `${part.name}\n${indent(`failed: ${part.error}`)}`;
  const { name, seconds, title, settings, measures, targets } = part;
  const heading = [
    `${name}, ${formatSeconds(seconds)}`,
    ...wrap(title, WIDTH),
    ...wrap(formatSettings(settings), WIDTH),
  ].join("\n");
  const tables = measures.map((measured) => measureTable(measured, WIDTH - INDENT.length));
  if (targets.length > 0) tables.push(targetTable(targets));
  return [heading, ...tables.map(indent)].join("\n\n");
}

/** A table of measures: a row for each group where that fits into the width, else one for each number. */
export function measureTable({ unit, along, groups }: Measures, width: number): string {
  const places = along
    ? along.numbers.map((number) => `, ${formatNumber(number)} ${along.of}`)
    : [""];
  const rows = Object.entries(groups).flatMap(([group, values]) =>
    places.map((place, index) => ({
      group: group + place,
      values: Object.entries(values).map(([name, value]) => ({
        name,
        text: formatNumber([value].flat()[index] ?? NaN),
      })),
    }))
  );
  const names = unique(rows.flatMap(({ values }) => values.map(({ name }) => name)));
  const count = rows.flatMap(({ values }) => values).length;
  // Groups share most of their names: otherwise a row for each is mostly empty.
  if (rows.length > 1 && count * 2 > rows.length * names.length) {
    const cells = rows.map(({ group, values }) => [
      group,
      ...names.map((name) => values.find((value) => value.name === name)?.text ?? ""),
    ]);
    const across = plainTable([unit, ...names], cells);
    if (across.split("\n").every((line) => line.length <= width)) return across;
  }
  const cells = rows.flatMap(({ group, values }) => [
    ...wrap(group, width - unit.length - 2).map((line) => [line, ""]),
    ...values.map(({ name, text }) => [`  ${name}`, text]),
  ]);
  return plainTable(["", unit], cells);
}

function targetTable(targets: Target[]): string {
  const isBounded = targets.some(({ bound }) => bound !== undefined);
  const rows = targets.map((target) => [
    wrap(target.name, NAME_WIDTH[isBounded ? "bounded" : "free"]).join("\n"),
    formatAmount(target.value, target.unit),
    formatLimit(target),
    formatReached(target, ["reached", "missed"]),
    formatBound(target),
  ]);
  const columns = ["target", "is", "must be", "", ...(isBounded ? ["bounded by"] : [])];
  return plainTable(columns, rows.map((row) => row.slice(0, columns.length)));
}

function indent(text: string): string {
  return text.split("\n").map((line) => `${INDENT}${line}`.trimEnd()).join("\n");
}
