import type { ClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { CallRpc } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { createSyncDatabase } from "../../supabase/functions/_clerk_sync/sync/database.ts";
import { bindInstance, checkInstance } from "../clerk/instance.ts";
import { KIND_NAMES, type KindName, type PageOptions } from "../clerk/kinds.ts";
import type { Progress } from "../command/progress.ts";
import { UsageError } from "../command/usage_error.ts";
import { ProjectError, type Rpc } from "../project/rpc.ts";
import { type Check, Doubts } from "./check.ts";
import { checkKind } from "./check_kind.ts";
import { conclude, recordRest, type Removal } from "./conclude.ts";
import type { Deletes } from "./deletes.ts";
import { DRIFT_KINDS } from "./kinds.ts";
import { Tally } from "./tally.ts";

/** What a drift check needs from outside. */
export interface Conduct {
  clerk: ClerkApi;
  rpc: Rpc;
  pages: PageOptions;
  /** What is checked. */
  names: readonly KindName[];
  /** The instance that the key has to be of; null: whichever the project holds. */
  expectedInstanceId: string | null;
  /** Null: nothing is written. */
  removal: Removal | null;
  /** Every difference is kept by name. */
  keepsAll: boolean;
  /** How long a webhook under way is waited for. */
  settleMs: number;
  signal: AbortSignal;
  progress: Progress;
  now: () => Date;
}

/**
 * How a check ended. `unsettled`: something moved even in a repair's last look. `refused`: the key is not that of the
 * project's instance.
 */
export type CheckEnd =
  | { kind: "complete" }
  | { kind: "unsettled" }
  | { kind: "interrupted" }
  | { kind: "refused"; message: string }
  | { kind: "failed"; error: unknown; at: string };

/** How it ended, and what it found until then. */
export interface Conclusion {
  end: CheckEnd;
  /** Null until the key was known to be the project's. */
  instanceId: string | null;
  tally: Tally;
  /** What a repair did not delete, for it was too much. */
  withheld: Deletes[];
}

/** A whole check: is the key the project's, then one kind after the other, then what was left open. */
export async function conduct(input: Conduct): Promise<Conclusion> {
  const { rpc, removal, signal, progress } = input;
  const check = newCheck(input);
  const { tally } = check;
  let instanceId: string | null = null;
  let at = "the look at the key and the project";

  try {
    instanceId = await admit(input);
    progress.note(`Clerk's instance is ${instanceId}`);
    if (removal) await bindInstance(rpc, instanceId, false);
    for (const kind of DRIFT_KINDS.filter(({ name }) => input.names.includes(name))) {
      at = kind.name;
      await checkKind(check, kind);
    }
    at = "the last look";
    const { withheld, isSettled } = await conclude(check, input);
    return { end: { kind: isSettled ? "complete" : "unsettled" }, instanceId, tally, withheld };
  } catch (error) {
    recordRest(check);
    return { end: endBy(error, at, signal), instanceId, tally, withheld: [] };
  }
}

function newCheck(input: Conduct): Check {
  const { clerk, rpc, pages, names, removal, keepsAll, signal, progress, now } = input;
  const database = createSyncDatabase(callRpcBy(rpc));
  return {
    sides: { clerk, rpc, database, now },
    pages,
    isRepair: removal !== null,
    tally: new Tally(KIND_NAMES.filter((name) => names.includes(name)), keepsAll),
    doubts: new Doubts(),
    hasMovedSlugs: false,
    extras: [],
    signal,
    progress,
  };
}

function admit({ clerk, rpc, expectedInstanceId: expected }: Conduct): Promise<string> {
  return checkInstance({ clerk, rpc, expected, isSwitch: false });
}

function endBy(error: unknown, at: string, signal: AbortSignal): CheckEnd {
  if (signal.aborted) return { kind: "interrupted" };
  if (error instanceof UsageError) return { kind: "refused", message: error.message };
  return { kind: "failed", error, at };
}

/**
 * The project's RPCs as the core of the sync calls them. The time that the core gives a call is left aside: these calls
 * have their own, and are made again.
 */
export function callRpcBy(rpc: Rpc): CallRpc {
  return async ({ name, args }) => {
    try {
      return { kind: "done", answer: await rpc(name, args) };
    } catch (error) {
      if (!(error instanceof ProjectError)) throw error;
      return { kind: error.kind, code: error.code };
    }
  };
}
