import type { DifferenceKind } from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import { byKind, type KindName } from "../clerk/kinds.ts";
import type { Cost, Traffic } from "../project/persist.ts";
import type { Conclusion } from "./conduct.ts";
import type { Deletes } from "./deletes.ts";
import { DIFFERENCE_KINDS, KEPT, type KindReport, type ReportedDifference } from "./tally.ts";

/** How a check ended, in words. `could_not_tell`: it ended early, and `error` says why in one word. */
export interface Outcome {
  outcome: "in_sync" | "repaired" | "drift" | "could_not_tell" | "interrupted";
  error: string | null;
  message: string | null;
}

/** The end of a check, as --json prints it. Kinds that were not checked are null. */
export interface Report extends Outcome, Cost, Record<KindName, KindReport | null> {
  exit_code: ExitCode;
  /** Null when the check ended before it was known to be the project's. */
  instance_id: string | null;
  project: string;
  is_repair: boolean;
  differences: ReportedDifference[];
  /** How many were found besides. */
  differences_left_out: number;
  /** What a repair did not delete, for it was more than --max-deletes. */
  withheld: Deletes[];
  started_at: string;
  seconds: number;
}

type ExitCode = 0 | 1 | 2 | 130;

const EXIT_CODES: Record<Outcome["outcome"], ExitCode> = {
  in_sync: 0,
  repaired: 0,
  drift: 1,
  could_not_tell: 2,
  interrupted: 130,
};

/** What a report is put together from. */
export interface ReportInput
  extends Outcome, Pick<Report, "project" | "is_repair" | "peak_memory_mb"> {
  conclusion: Conclusion;
  traffic: Traffic;
  startedAt: Date;
  endedAt: Date;
}

/** Puts the end of a check together. */
export function reportOf(
  { conclusion, traffic, startedAt, endedAt, ...rest }: ReportInput,
): Report {
  const { instanceId, tally, withheld } = conclusion;
  const { differences } = tally;
  return {
    ...rest,
    exit_code: EXIT_CODES[rest.outcome],
    instance_id: instanceId,
    ...byKind((name) => tally.of(name)),
    differences,
    differences_left_out: tally.found - differences.length,
    withheld,
    started_at: startedAt.toISOString(),
    seconds: Math.round((endedAt.getTime() - startedAt.getTime()) / 100) / 10,
    clerk_requests: traffic.clerk,
    project_calls: traffic.project,
    retries: traffic.retries,
  };
}

/** What is kept of a check, as `sync_status` shows it: counts and Clerk's ids, no personal data. */
export interface DriftState extends
  Pick<
    Report,
    "outcome" | "error" | "exit_code" | "instance_id" | "is_repair" | "started_at" | "seconds"
  >,
  Record<KindName, KindState | null> {
  /** Whether everything was compared that was to be. */
  is_complete: boolean;
}

/** What is kept of one kind of object. */
export interface KindState extends KindReport {
  /** The first ids, by what is wrong with them. */
  examples: Partial<Record<DifferenceKind, string[]>>;
}

/** What is kept of a check. */
export function stateOf(report: Report): DriftState {
  const { outcome, error, exit_code, instance_id, is_repair, started_at, seconds } = report;
  return {
    outcome,
    error,
    exit_code,
    is_complete: exit_code === 0 || exit_code === 1,
    instance_id,
    is_repair,
    started_at,
    seconds,
    ...byKind((name) => kindState(report, name)),
  };
}

function kindState(report: Report, name: KindName): KindState | null {
  const counts = report[name];
  if (!counts) return null;
  const examples: KindState["examples"] = {};
  for (const kind of DIFFERENCE_KINDS) {
    const ids = report.differences
      .filter((one) => `${one.object}s` === name && one.kind === kind)
      .slice(0, KEPT).map(({ id }) => id);
    if (ids.length > 0) examples[kind] = ids;
  }
  return { ...counts, examples };
}
