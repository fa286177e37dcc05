import { createInterface } from "node:readline";
import { KIND_NAMES, type KindName } from "../clerk/kinds.ts";
import { formatCount } from "../command/progress.ts";
import { UsageError } from "../command/usage_error.ts";
import type { Extra } from "./check.ts";
import type { Tally } from "./tally.ts";

/** How many rows of each kind a repair may end without asking: so many, or so many of a hundred that live here. */
export interface MaxDeletes {
  value: number;
  isPercent: boolean;
}

/** Parses `10`, or `2%`; throws a UsageError. */
export function parseMaxDeletes(text: string): MaxDeletes {
  const [, digits, percent] = /^(\d{1,9}(?:\.\d{1,3})?)(%?)$/.exec(text) ?? [];
  const value = Number(digits);
  const isPercent = percent === "%";
  const isFit = isPercent ? value <= 100 : Number.isInteger(value);
  if (digits === undefined || !isFit) {
    throw new UsageError("--max-deletes is a number of rows, as 10, or a share of them, as 2%.");
  }
  return { value, isPercent };
}

/** How many rows of one kind are to end. */
export interface Deletes {
  name: KindName;
  /** With memberships that end with their user or organization. */
  wanted: number;
  here: number;
  allowed: number;
}

/** What is to end, kind by kind, where anything is. */
export function deletesOf(extras: Extra[], tally: Tally, max: MaxDeletes): Deletes[] {
  const byName = Map.groupBy(extras, ({ name }) => name);
  return KIND_NAMES.flatMap((name) => {
    const { here, with_parent } = tally.of(name) ?? { here: 0, with_parent: 0 };
    const wanted = (byName.get(name)?.length ?? 0) + with_parent;
    return wanted > 0 ? [{ name, wanted, here, allowed: allowedOf(max, here) }] : [];
  });
}

/** Whether it is more than may end without asking. */
export function isTooMany({ wanted, allowed }: Deletes): boolean {
  return wanted > allowed;
}

/** The value of --max-deletes that would allow all of it. */
export function neededFor(deletes: Deletes[]): number {
  return Math.max(...deletes.map(({ wanted }) => wanted));
}

function allowedOf({ value, isPercent }: MaxDeletes, here: number): number {
  return isPercent ? Math.floor(here * value / 100) : value;
}

/** What is asked before more ends than may. */
export function questionOf(deletes: Deletes[]): string {
  return [
    "Clerk does not have these, and they are more than --max-deletes:",
    ...describeDeletes(deletes),
    "Delete them here?",
  ].join("\n");
}

/** A line for each kind. */
export function describeDeletes(deletes: Deletes[]): string[] {
  return deletes.map(({ name, wanted, here, allowed }) => {
    const [some, all, most] = [wanted, here, allowed].map(formatCount);
    return `  ${name}: ${some} of ${all}, allowed ${most}`;
  });
}

/** What a question needs of the terminal. */
export interface Terminal {
  input: NodeJS.ReadableStream;
  write: (text: string) => void;
  signal: AbortSignal;
}

/** Asks once; whatever is not `yes`, also the end of the input, is no. */
export async function askYes(
  question: string,
  { input, write, signal }: Terminal,
): Promise<boolean> {
  // Not as a terminal: the line is the system's to edit, and Ctrl-C stays a signal.
  const lines = createInterface({ input, terminal: false });
  const close = () => lines.close();
  signal.addEventListener("abort", close, { once: true });
  write(`${question} (yes/no) `);
  try {
    return await new Promise<boolean>((resolve) => {
      lines.once("line", (line) => resolve(line.trim().toLowerCase() === "yes"));
      lines.once("close", () => resolve(false));
      if (signal.aborted) close();
    });
  } finally {
    signal.removeEventListener("abort", close);
    lines.close();
  }
}
