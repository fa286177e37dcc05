import { inSchema } from "../add/schema.ts";
import { erasureOf } from "../clerk/examples.ts";
import { describeSwitchedOff, KIND_NAMES } from "../clerk/kinds.ts";
import { flow, plainTable, verdict } from "../command/terminal.ts";
import { formatTraffic } from "../project/persist.ts";
import { printable } from "../command/printable.ts";
import { formatCount, formatSeconds } from "../command/progress.ts";
import { describeDeletes, neededFor } from "./deletes.ts";
import type { Report } from "./report.ts";
import { DIFFERENCE_KINDS, type KindReport, type ReportedDifference } from "./tally.ts";

/** How a difference is called in front of people. */
const NAMES: Record<ReportedDifference["kind"], string> = {
  missing: "missing",
  stale: "stale",
  different: "different",
  role: "wrong role",
  extra: "extra",
  deleted: "deleted here",
};

/** So many differences are shown unless all are wanted. */
const SHOWN = 20;

/** The report for people, in lines that fit the width. `isWhole`: with every difference; `schema`: where the tables are. */
export function formatReport(
  report: Report,
  { isWhole, width, schema }: { isWhole: boolean; width: number; schema: string },
): string {
  const erasure = erasureOf(
    report.differences.filter(({ is_repaired }) => !is_repaired).map(({ id }) => id),
  );
  const lines = [
    ...differences(report, isWhole),
    verdict(ending(report), report.exit_code === 0),
    ...switchedOff(report),
    ...hints(report),
    ...(erasure === null ? [] : [
      `Clerk's examples came by "Send Example" and are nobody of yours. To erase them:`,
    ]),
  ];
  return [
    // Nothing was looked at before the key was known to be the project's.
    ...(report.instance_id === null ? [] : [table(report), ""]),
    ...lines.map((line) => flow(line, width)),
    // In one line, to be copied.
    ...(erasure === null ? [] : [inSchema(erasure, schema)]),
    formatTraffic(report),
  ].join("\n");
}

function table(report: Report): string {
  const names = KIND_NAMES.filter((name) => report[name] !== null);
  const row = (label: string, what: keyof KindReport) => [
    label,
    ...names.map((name) => formatCount(Number(report[name]![what]))),
  ];
  return plainTable(["", ...names], [
    ...DIFFERENCE_KINDS.map((kind) => row(NAMES[kind], kind)),
    ...(report.is_repair ? [row("repaired", "repaired")] : []),
    row("compared", "compared"),
  ]);
}

function differences(report: Report, isWhole: boolean): string[] {
  const shown = isWhole ? report.differences : report.differences.slice(0, SHOWN);
  if (shown.length === 0) return [];
  const more = report.differences.length - shown.length + report.differences_left_out;
  return [
    ...aligned(shown.map(cells)),
    ...(more > 0 ? [`  and ${formatCount(more)} more; --list shows all`] : []),
    "",
  ];
}

function cells(difference: ReportedDifference): string[] {
  const { object, id, kind, fields, is_repaired, is_example, code } = difference;
  const fate = code === null ? "" : `the database refuses it (${printable(code, 80)})`;
  return [
    object,
    printable(id),
    NAMES[kind],
    fields.join(", "),
    is_repaired ? "repaired" : fate,
    is_example ? "Clerk's example" : "",
  ];
}

/** Cells below each other; a column of which all cells are empty is left out. */
function aligned(rows: string[][]): string[] {
  const width = (column: number) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]!.length), 0);
  const columns = (rows[0] ?? []).map((_, column) => ({ column, width: width(column) }))
    .filter(({ width }) => width > 0);
  return rows.map((row) =>
    columns.reduce((line, { column, width }) => `${line}  ${row[column]!.padEnd(width)}`, "")
      .trimEnd()
  );
}

function ending(report: Report): string {
  const { outcome, error, message, seconds } = report;
  const time = formatSeconds(seconds);
  const [found, left, removed] = totals(report);
  switch (outcome) {
    case "in_sync":
      return `in sync, after ${time}`;
    case "repaired":
      return `repaired in ${time}: ${counted(found)}, ` +
        `${formatCount(removed)} of them by a deletion`;
    case "drift":
      return report.is_repair
        ? `drift, after ${time}: ${formatCount(left)} of ${counted(found)} left`
        : `drift, after ${time}: ${counted(found)}`;
    case "could_not_tell":
      return `could not tell, after ${time}: ${error}. ${message}`;
    case "interrupted":
      return `interrupted after ${time}`;
  }
}

function switchedOff(report: Report): string[] {
  const off = KIND_NAMES.filter((name) => report[name]?.is_enabled === false);
  const held = off.filter((name) => report[name]!.here > 0)
    .map((name) => [name, `${formatCount(report[name]!.here)} ${name}`] as const);
  return describeSwitchedOff(off, new Map(held));
}

function hints(report: Report): string[] {
  const { withheld, is_repair } = report;
  const deleted = KIND_NAMES.reduce((sum, name) => sum + (report[name]?.deleted ?? 0), 0);
  const [, left] = totals(report);
  return [
    ...(withheld.length > 0
      ? [
        "Nothing was deleted, for it would be more than --max-deletes allows:",
        ...describeDeletes(withheld),
        `If Clerk is right, allow it: npm run drift -- --repair --max-deletes ${
          neededFor(withheld)
        }`,
      ]
      : []),
    ...(deleted > 0
      ? ["What was deleted here stays deleted: that is final, and no repair brings it back."]
      : []),
    ...(left > deleted && !is_repair ? ["To repair it: npm run drift -- --repair"] : []),
  ];
}

/** Differences found and left, and those that were repaired by a deletion. */
function totals(report: Report): [found: number, left: number, removed: number] {
  const kinds = KIND_NAMES.flatMap((name) => report[name] ?? []);
  const sum = (count: (kind: (typeof kinds)[number]) => number) =>
    kinds.reduce((total, kind) => total + count(kind), 0);
  return [
    sum((kind) => kind.left + kind.repaired),
    sum(({ left }) => left),
    sum(({ removed }) => removed),
  ];
}

function counted(differences: number): string {
  return differences === 1 ? "1 difference" : `${formatCount(differences)} differences`;
}
