import { byKind, KIND_NAMES, type KindName } from "../clerk/kinds.ts";
import type { Cost, Traffic } from "../project/persist.ts";
import type { Rejection, RunState } from "./checkpoint.ts";

/** What became of one kind. The counts are those of the whole run, the pace is that of this process. */
export interface KindReport {
  is_done: boolean;
  /** Whether Clerk has this kind switched on. */
  is_enabled: boolean;
  total: number | null;
  read: number;
  applied: number;
  unchanged: number;
  rejected: number;
  seconds: number;
  rows_per_second: number;
}

/** The end of a run, as --json prints it. */
export interface Report extends Cost, Record<KindName, KindReport> {
  outcome: "complete" | "interrupted" | "failed";
  /** Why it failed, in one word; null when it did not. */
  error: string | null;
  message: string | null;
  /** Null when the run ended before Clerk told. */
  instance_id: string | null;
  project: string;
  is_dry_run: boolean;
  is_resumed: boolean;
  /** The first of those that the database refuses. */
  rejections: Rejection[];
  /** Kinds that Clerk has switched off, and of which rows are here all the same. */
  held: KindName[];
  seconds: number;
}

/** How long each kind took this process, and how many of its rows that were. */
export class Stopwatch {
  readonly #now: () => number;
  readonly #kinds = new Map<KindName, { startedAt: number; ms: number; rows: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  begin(name: KindName): void {
    this.#kinds.set(name, { startedAt: this.#now(), ms: 0, rows: 0 });
  }

  /** So many rows more are done. */
  count(name: KindName, rows: number): void {
    const kind = this.#kinds.get(name);
    if (kind) kind.rows += rows;
  }

  end(name: KindName): void {
    const kind = this.#kinds.get(name);
    if (kind) kind.ms = this.#now() - kind.startedAt;
  }

  /** Seconds and rows in a second. */
  figures(name: KindName): { seconds: number; rows_per_second: number } {
    const { ms, rows } = this.#kinds.get(name) ?? { ms: 0, rows: 0 };
    return {
      seconds: rounded(ms / 1000),
      rows_per_second: ms > 0 ? Math.round(rows / (ms / 1000)) : 0,
    };
  }
}

/** What a report is put together from. */
export interface ReportInput extends
  Pick<
    Report,
    | "outcome"
    | "error"
    | "message"
    | "project"
    | "is_dry_run"
    | "is_resumed"
    | "held"
    | "peak_memory_mb"
  > {
  state: RunState;
  stopwatch: Stopwatch;
  traffic: Traffic;
  elapsedMs: number;
}

/** Puts the end of a run together. */
export function reportOf({ state, stopwatch, traffic, elapsedMs, ...rest }: ReportInput): Report {
  const kindOf = (name: KindName): KindReport => {
    const { isDone, isEnabled, total, read, applied, unchanged, rejected } = state[name];
    const figures = stopwatch.figures(name);
    const counts = { total, read, applied, unchanged, rejected };
    return { is_done: isDone, is_enabled: isEnabled, ...counts, ...figures };
  };
  return {
    ...rest,
    instance_id: state.instanceId || null,
    ...byKind(kindOf),
    rejections: state.rejections,
    seconds: rounded(elapsedMs / 1000),
    clerk_requests: traffic.clerk,
    project_calls: traffic.project,
    retries: traffic.retries,
  };
}

/** 0: everything is in the project; 1: something is not; 130: interrupted. */
export function exitCodeOf(report: Report): 0 | 1 | 130 {
  if (report.outcome === "interrupted") return 130;
  const rejected = KIND_NAMES.some((name) => report[name].rejected > 0);
  return report.outcome === "failed" || rejected ? 1 : 0;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
