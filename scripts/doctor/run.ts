import { printable, printableJson } from "../command/printable.ts";
import { flow } from "../command/terminal.ts";
import { type Check, type Context, examine, failure, type Finding, skipped } from "./check.ts";

/** A check and how it ended. */
type Result = { id: string; title: string } & Finding;

/** What a run needs. */
interface RunInput {
  checks: Check[];
  context: Context;
  /** One check takes no longer. */
  checkTimeoutMs: number;
  signal: AbortSignal;
  onResult: (result: Result) => void;
}

/** Runs the checks one after the other; those that need a check which failed or was skipped are skipped. */
export async function run(input: RunInput): Promise<Result[]> {
  const { checks, context, checkTimeoutMs, signal, onResult } = input;
  const results: Result[] = [];
  const interrupted = new Promise<"interrupted">((resolve) => {
    signal.addEventListener("abort", () => resolve("interrupted"), { once: true });
  });
  const hasPassed = (id: string) =>
    results.some((result) => result.id === id && /^(ok|warning)$/.test(result.level));

  for (const check of checks) {
    if (signal.aborted) break;
    const missing = check.needs.find((id) => !hasPassed(id));
    const finding = missing === undefined
      ? await Promise.race([examineInTime(check, context, checkTimeoutMs), interrupted])
      : skipped(`needs ${checks.find(({ id }) => id === missing)?.title ?? missing}`);
    if (finding === "interrupted") break;
    const result = { id: check.id, title: check.title, ...finding };
    results.push(result);
    onResult(result);
  }
  return results;
}

async function examineInTime(check: Check, context: Context, timeoutMs: number): Promise<Finding> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<Finding>((resolve) => {
    const finding = failure(
      `no end within ${timeoutMs / 1000} s`,
      "Run it again; give a longer --timeout.",
    );
    timer = setTimeout(() => resolve(finding), timeoutMs);
  });
  try {
    return await Promise.race([examine(check, context), tooLate]);
  } catch (error) {
    // The name alone: a message might quote an answer or a key.
    return failure(
      `could not be told (${(error as Error).name})`,
      "The answer is not what this project answers.",
    );
  } finally {
    clearTimeout(timer);
  }
}

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

/** One check for people, and below it the remedy: in a terminal with a mark and within its width, elsewhere in whole lines. */
export function formatResult(result: Result, { isTerminal, isColored, width }: Style): string {
  const { level, title } = result;
  const mark = isTerminal ? MARKS[level] : `${level.padEnd(LEVEL_WIDTH)} `;
  const start = `${mark} ${title.padEnd(TITLE_WIDTH)}  `;
  const lines = [start + printable(result.detail)];
  if ("fix" in result) lines.push(`${" ".repeat(start.length)}→ ${printable(result.fix)}`);
  if (!isTerminal) return lines.join("\n");
  const text = flow(lines.join("\n"), width);
  return isColored ? text.replace(mark, `\x1b[${COLORS[level]}m${mark}\x1b[0m`) : text;
}

/** The end for people. */
export function formatSummary(results: Result[]): string {
  return (["ok", "warning", "failure", "skipped"] as const).map((level) => {
    const count = results.filter((result) => result.level === level).length;
    return `${count} ${level}${/^(warning|failure)$/.test(level) && count !== 1 ? "s" : ""}`;
  }).join(", ");
}

/** All as one JSON object. */
export function reportJson(results: Result[], source: string, exitCode: number): string {
  const checks = results.map((result) => ({ ...result, fix: "fix" in result ? result.fix : null }));
  return printableJson({ source, exit_code: exitCode, checks });
}
