import Table from "cli-table3";
import { KIND_NAMES } from "../clerk/kinds.ts";
import { formatCount, formatSeconds } from "../clerk/pace.ts";
import type { Report } from "./report.ts";

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** So many rejected objects are shown; --json has more. */
const SHOWN_REJECTIONS = 10;

/** The report for people. */
export function formatReport(report: Report): string {
  return [
    table(report),
    "",
    ending(report),
    ...rejections(report),
    `${formatCount(report.clerk_requests)} requests to Clerk, ` +
    `${formatCount(report.project_calls)} calls of the project, ` +
    `${formatCount(report.retries)} retried, ${Math.round(report.peak_memory_mb)} MB at most`,
  ].join("\n");
}

function table(report: Report): string {
  const rows = new Table({
    head: ["", "read", applied(report), "unchanged", "rejected", "seconds", "rows/s"],
    colAligns: ["left", ...Array<"right">(6).fill("right")],
    chars: NO_LINES,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const name of KIND_NAMES) {
    const kind = report[name];
    const { read, applied, unchanged, rejected, seconds, rows_per_second } = kind;
    const counts = [read, applied, unchanged, rejected].map(formatCount);
    rows.push([name, ...counts, seconds.toFixed(1), formatCount(rows_per_second)]);
  }
  return rows.toString();
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

function rejections({ rejections }: Report): string[] {
  if (rejections.length === 0) return [];
  const shown = rejections.slice(0, SHOWN_REJECTIONS).map(({ kind, id, code }) =>
    `  ${kind}  ${printable(id)}  ${code}`
  );
  const more = rejections.length - shown.length;
  return [
    "PostgreSQL can't store, by its error code:",
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** An id comes from outside; it must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?").slice(0, 80);
}
