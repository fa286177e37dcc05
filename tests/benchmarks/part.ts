/** What a part of the benchmarks is and gives back, and how its numbers are told. */

/** One of the benchmarks: what is measured beside what, and what it must reach. */
export interface Part {
  /** One line: what is compared with what. */
  title: string;
  /** Measures. Leaves nothing behind; ends soon once `signal` aborts. */
  run(options: RunOptions): Promise<PartResult>;
}

/** How a part is run. */
export interface RunOptions {
  /** Small sizes and short times: shows that a part works, not how fast anything is. */
  isQuick: boolean;
  /** Where every random choice begins. */
  seed: number;
  /** Tells what is going on, for people who wait. */
  note: (line: string) => void;
  signal: AbortSignal;
}

/** What a part measured. */
export interface PartResult {
  /** What makes the run repeatable: sizes, durations, concurrency. */
  settings: Record<string, string | number>;
  measures: Measures[];
  targets: Target[];
}

/** Numbers of one unit, told in one table and drawn on one scale. */
export interface Measures {
  /** events/s, ms, MB, bytes, rows … Empty for plain numbers. */
  unit: string;
  /** Among, or with, so many of what each name has as many numbers: they are drawn as lines. The others are bars. */
  along?: { of: string; numbers: number[] };
  /** By what was done (an RPC, a kind of event), then by who did it or what of it was measured (ours, floor, p95 …). */
  groups: Record<string, Record<string, number | number[]>>;
}

/** A number that the table of results tells, and most often one that must be reached. */
export interface Target {
  /** What was compared with what, so that the number says something by itself. */
  name: string;
  value: number;
  /** None for a ratio. */
  unit?: string;
  /** It must be at least, or at most, so much; without it nothing is demanded. */
  limit?: { atLeast: number } | { atMost: number };
  /** The same number of something that does less, in the same run: who does everything can't do better. */
  bound?: { name: string; value: number };
}

/** What a run came to: the object of --json. */
export interface Report {
  /** When it began. */
  date: string;
  /** What was typed. */
  command: string;
  /** What it ran on, in one line. */
  machine: string;
  /** Of the last minute before the run. */
  load: number;
  isQuick: boolean;
  seed: number;
  isInterrupted: boolean;
  parts: PartReport[];
}

/** What became of a part. */
export type PartReport = MeasuredPart | FailedPart;

export interface MeasuredPart extends PartResult {
  outcome: "measured";
  name: string;
  title: string;
  seconds: number;
}

export interface FailedPart {
  outcome: "failed";
  name: string;
  error: string;
}

/** Whether the number is what it must be, if it must be something. One that is not a number is not. */
export function isReached({ value, limit }: Target): boolean {
  if (!limit) return true;
  return "atLeast" in limit ? value >= limit.atLeast : value <= limit.atMost;
}

/** What it must be, for people: `at most 50 ms`. Empty where nothing is demanded. */
export function formatLimit({ limit, unit }: Target): string {
  if (!limit) return "";
  const [word, number] = "atLeast" in limit
    ? ["at least", limit.atLeast]
    : ["at most", limit.atMost];
  return `${word} ${number.toLocaleString("en-US")} ${unit ?? ""}`.trimEnd();
}

/** One word or the other, by whether it is what it must be. Neither where nothing is demanded. */
export function formatReached(target: Target, [reached, missed]: [string, string]): string {
  if (!target.limit) return "";
  return isReached(target) ? reached : missed;
}

/** What it is beside, for people: `same writes: 0.731`. Empty where nothing bounds it. */
export function formatBound({ bound, unit }: Target): string {
  return bound ? `${bound.name}: ${formatAmount(bound.value, unit)}` : "";
}

/** A number for people: three digits of a small fraction, none after the point of a large one. */
export function formatNumber(value: number): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100
    ? { maximumFractionDigits: 0 }
    : { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
  return value.toLocaleString("en-US", digits);
}

/** The same with its unit, if it has one. */
export function formatAmount(value: number, unit = ""): string {
  return `${formatNumber(value)} ${unit}`.trimEnd();
}

/** The settings of a run, for people. */
export function formatSettings(settings: PartResult["settings"]): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}: ${typeof value === "number" ? formatNumber(value) : value}`)
    .join(", ");
}

/** A text in lines of at most so many characters, broken between words; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && `${line} ${word}`.length <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** Each once, in the order in which they appear. */
export function unique<Item>(items: Item[]): Item[] {
  return [...new Set(items)];
}
