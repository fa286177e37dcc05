import { printable, printableJson } from "../command/printable.ts";
import { columns } from "../command/terminal.ts";
import type { Result } from "./run.ts";

const MARKS = { ok: "✔", warning: "!", failure: "✘", skipped: "-" };
const COLORS = { ok: 32, warning: 33, failure: 31, skipped: 90 };

const TITLE_WIDTH = "error handling, rate limit".length;
const LEVEL_WIDTH = "failure".length;

/** What is printed to. */
interface Style {
  /** Marks for a terminal, words elsewhere. */
  isTerminal: boolean;
  isColored: boolean;
  width: number;
}

/** One check for people: a line or more of the width, and below it the remedy. */
export function formatResult(result: Result, { isTerminal, isColored, width }: Style): string {
  const { level, title } = result;
  const mark = isTerminal ? MARKS[level] : level.padEnd(LEVEL_WIDTH);
  const painted = isColored ? `\x1b[${COLORS[level]}m${mark}\x1b[0m` : mark;
  const rows = [[painted, title.padEnd(TITLE_WIDTH), printable(result.detail)]];
  if ("fix" in result) {
    rows.push([" ".repeat(mark.length), " ".repeat(TITLE_WIDTH), `→ ${printable(result.fix)}`]);
  }
  return columns(rows, { width });
}

/** The end for people. */
export function formatSummary(results: Result[]): string {
  const count = (level: Result["level"], word: string = "") => {
    const n = results.filter((result) => result.level === level).length;
    return `${n} ${word ? word + (n === 1 ? "" : "s") : level}`;
  };
  return [
    count("ok"),
    count("warning", "warning"),
    count("failure", "failure"),
    count("skipped"),
  ].join(", ");
}

/** All as one JSON object. */
export function reportJson(results: Result[], source: string, exitCode: number): string {
  const checks = results.map((result) => ({ ...result, fix: "fix" in result ? result.fix : null }));
  return printableJson({ source, exit_code: exitCode, checks });
}
