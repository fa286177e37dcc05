/** One of the benchmarks: what is measured beside what, and what it must reach. */
export interface Part {
  /** As it is given on the command line: lower case, words joined by hyphens. */
  name: string;
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
  measures: Measure[];
  targets: Target[];
}

/** One number. Measures of one group and unit are drawn as the bars of one chart. */
export interface Measure {
  /** What was done: an RPC, a concurrency, a number of rows. */
  group: string;
  /** Who did it or what of it was measured: ours, floor, reference, p95 … */
  name: string;
  value: number;
  /** events/s, ms, MB, bytes, rows … Empty for a plain number. */
  unit: string;
}

/** A number that must be reached. */
export interface Target {
  name: string;
  value: number;
  /** Empty for a ratio. */
  unit: string;
  /** It must be at least, or at most, so much. */
  limit: { atLeast: number } | { atMost: number };
  /** The same number of something that does less, in the same run: who does everything can't do better. */
  bound?: { name: string; value: number };
}
