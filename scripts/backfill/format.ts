import { describeSwitchedOff, KIND_NAMES } from "../clerk/kinds.ts";
import { flow, plainTable, verdict } from "../command/terminal.ts";
import { formatTraffic } from "../project/persist.ts";
import { printable } from "../command/printable.ts";
import { formatCount, formatSeconds } from "../command/progress.ts";
import { exitCodeOf, type Report } from "./report.ts";

/** So many rejected objects are shown; --json has more. */
const SHOWN_REJECTIONS = 10;

/** The report for people, in lines that fit the width. */
export function formatReport(report: Report, width: number): string {
  const lines = [
    verdict(ending(report), exitCodeOf(report) === 0),
    ...switchedOff(report),
    ...rejections(report),
  ];
  return [
    table(report),
    "",
    ...lines.map((line) => flow(line, width)),
    formatTraffic(report),
  ].join("\n");
}

function table(report: Report): string {
  const head = ["", "read", applied(report), "unchanged", "rejected", "seconds", "rows/s"];
  const rows = KIND_NAMES.map((name) => {
    const { read, applied, unchanged, rejected, seconds, rows_per_second } = report[name];
    const counts = [read, applied, unchanged, rejected].map(formatCount);
    return [name, ...counts, seconds.toFixed(1), formatCount(rows_per_second)];
  });
  return plainTable(head, rows);
}

function applied({ is_dry_run }: Report): string {
  return is_dry_run ? "would apply" : "applied";
}

function ending(report: Report): string {
  const { outcome, message, error, is_dry_run, seconds } = report;
  const time = formatSeconds(seconds);
  if (outcome === "failed") return `failed after ${time}: ${error}. ${message}`;
  const written = is_dry_run ? "; nothing was written" : "";
  if (outcome === "interrupted") return `interrupted after ${time}${written || GO_ON}`;
  return `complete in ${time}${written}`;
}

const GO_ON = "; start it again to go on";

function switchedOff(report: Report): string[] {
  const off = KIND_NAMES.filter((name) => !report[name].is_enabled);
  return describeSwitchedOff(off, new Map(report.held.map((name) => [name, name])));
}

function rejections({ rejections }: Report): string[] {
  if (rejections.length === 0) return [];
  const shown = rejections.slice(0, SHOWN_REJECTIONS).map(({ kind, id, code }) =>
    `  ${kind}  ${printable(id)}  ${printable(code, 80)}`
  );
  const more = rejections.length - shown.length;
  return [
    "The database refuses, by its error code:",
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
