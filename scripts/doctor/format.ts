import { printable, printableJson } from "../command/printable.ts";
import type { Result } from "./run.ts";

const MARKS = { ok: "✔", warning: "!", failure: "✘", skipped: "-" };
const WORDS = { ok: "ok", warning: "warning", failure: "failure", skipped: "skipped" };
const COLORS = { ok: 32, warning: 33, failure: 31, skipped: 90 };

const TITLE_WIDTH = "error handling, rate limit".length;

/** One check for people: a line, and below it the remedy. Marks for a terminal, words elsewhere. */
export function formatResult(result: Result, isTerminal: boolean, isColored: boolean): string {
  const { level, title } = result;
  const mark = isTerminal ? MARKS[level] : WORDS[level].padEnd(WORDS.failure.length);
  const painted = isColored ? `\x1b[${COLORS[level]}m${mark}\x1b[0m` : mark;
  const indent = " ".repeat(mark.length + TITLE_WIDTH + 4);
  const lines = [`${painted}  ${title.padEnd(TITLE_WIDTH)}  ${printable(result.detail)}`];
  if ("fix" in result) lines.push(`${indent}→ ${printable(result.fix)}`);
  return lines.join("\n");
}

/** The end for people. */
export function formatSummary(results: Result[]): string {
  const count = (level: Result["level"]) =>
    results.filter((result) => result.level === level).length;
  const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  return `${count("ok")} ok, ${plural(count("warning"), "warning")}, ${
    plural(count("failure"), "failure")
  }, ` +
    `${count("skipped")} skipped`;
}

/** All as one JSON object. */
export function reportJson(results: Result[], source: string, exitCode: number): string {
  const checks = results.map((result) => ({ ...result, fix: "fix" in result ? result.fix : null }));
  return printableJson({ source, exit_code: exitCode, checks });
}
