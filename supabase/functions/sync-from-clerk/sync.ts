import { type Difference, movesOthers } from "../_clerk_sync/sync/finding.ts";
import { repair } from "../_clerk_sync/sync/repair.ts";
import type { Comparison, Sides } from "./compare_rows.ts";
import { compareMember, compareOrganization, compareUser } from "./compare_scope.ts";
import type { InstanceGuard } from "./instance.ts";
import type { Scope } from "./permit.ts";

/**
 * What a sync did. `applied`: it wrote. `in_sync`: there was nothing to write. `deleted`: what was asked for is gone from
 * Clerk, and is now deleted here. `unrepaired`: what differs can't be changed, for it was deleted here, or a newer state is
 * here already, or it goes on changing.
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

/** So many repairs in one sync: the second one of what the first one moved. */
const REPAIRS = 2;

/**
 * Makes the rows here what Clerk says, where they differ. What is the same is not written again. What a repair moves, as the
 * memberships of a user who appears with it, is compared and repaired too.
 */
export async function sync(
  sides: Sides,
  scope: Scope,
  instance: InstanceGuard,
): Promise<SyncResult> {
  const found = new Map<string, Difference>();
  let applied = 0;
  for (let repairs = 0;; repairs++) {
    const { findings, isGone } = await compareScope(sides, scope);
    for (const { difference } of findings) {
      const key = `${difference.object} ${difference.clerkId}`;
      if (!found.has(key)) found.set(key, difference);
    }
    const differences = [...found.values()];
    const result: SyncResult = { outcome: isGone ? "deleted" : "applied", differences };
    const isAtEnd = findings.every(({ kind }) => kind === "irreparable");
    if (isAtEnd && applied > 0) return result;
    if (isAtEnd || repairs === REPAIRS) {
      return { outcome: findings.length > 0 ? "unrepaired" : "in_sync", differences };
    }

    await instance.bind(sides.database);
    const written = await repair(sides.database, findings);
    if (written.applied > 0 && (isGone || !findings.some(movesOthers))) return result;
    // Where nothing was written, somebody else may have repaired the same meanwhile.
    applied += written.applied;
  }
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
