import type { DifferenceKind } from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import type { KindName } from "../clerk/kinds.ts";
import type { KindReport, Report } from "./report.ts";
import { DIFFERENCE_KINDS, KEPT } from "./tally.ts";

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
    users: kindState(report, "users"),
    organizations: kindState(report, "organizations"),
    memberships: kindState(report, "memberships"),
  };
}

const OBJECTS = {
  users: "user",
  organizations: "organization",
  memberships: "membership",
} as const;

function kindState(report: Report, name: KindName): KindState | null {
  const counts = report[name];
  if (!counts) return null;
  const examples: KindState["examples"] = {};
  for (const kind of DIFFERENCE_KINDS) {
    const ids = report.differences
      .filter((one) => one.object === OBJECTS[name] && one.kind === kind)
      .slice(0, KEPT).map(({ id }) => id);
    if (ids.length > 0) examples[kind] = ids;
  }
  return { ...counts, examples };
}
