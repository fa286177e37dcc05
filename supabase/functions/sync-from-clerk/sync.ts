import type { Difference } from "../_shared/sync/finding.ts";
import { repair } from "../_shared/sync/repair.ts";
import { compareMember } from "./compare_member.ts";
import { compareOrganization } from "./compare_organization.ts";
import { compareUser } from "./compare_user.ts";
import type { Comparison, Sides } from "./comparison.ts";
import type { InstanceGuard } from "./instance.ts";
import type { Scope } from "./permit.ts";

/**
 * What a sync did. `applied`: it wrote. `in_sync`: there was nothing to write. `deleted`: what was asked for is gone from
 * Clerk, and is now deleted here. `unrepaired`: what differs can't be changed, for it was deleted here, or a newer state is
 * here already.
 */
export type SyncOutcome = "applied" | "in_sync" | "deleted" | "unrepaired";

/** What a sync did, and what differed before. */
export interface SyncResult {
  outcome: SyncOutcome;
  differences: Difference[];
}

/** What differs between Clerk and the rows here. Writes nothing. */
export async function check(sides: Sides, scope: Scope): Promise<Difference[]> {
  const { findings } = await compareScope(sides, scope);
  return findings.map(({ difference }) => difference);
}

/** Makes the rows here what Clerk says, where they differ. What is the same is not written again. */
export async function sync(
  sides: Sides,
  scope: Scope,
  instance: InstanceGuard,
): Promise<SyncResult> {
  const { findings, isGone } = await compareScope(sides, scope);
  const differences = findings.map(({ difference }) => difference);
  if (findings.length === 0) return { outcome: "in_sync", differences };
  if (findings.every(({ kind }) => kind === "irreparable")) {
    return { outcome: "unrepaired", differences };
  }

  await instance.bind(sides.database);
  const { applied } = await repair(sides.database, findings);
  if (applied > 0) return { outcome: isGone ? "deleted" : "applied", differences };
  // Somebody else may have repaired the same meanwhile.
  const left = await compareScope(sides, scope);
  return { outcome: left.findings.length > 0 ? "unrepaired" : "in_sync", differences };
}

function compareScope(sides: Sides, scope: Scope): Promise<Comparison> {
  switch (scope.kind) {
    case "user":
      return compareUser(sides, scope.userId);
    case "organization":
      return compareOrganization(sides, scope.organizationId);
    case "member":
      return compareMember(sides, scope);
  }
}
