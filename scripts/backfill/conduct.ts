import * as z from "zod/mini";
import type { ClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { RpcCall } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { bindInstance, checkInstance } from "../clerk/instance.ts";
import { KIND_NAMES, type KindName, type PageOptions } from "../clerk/kinds.ts";
import type { Progress } from "../command/progress.ts";
import { UsageError } from "../command/usage_error.ts";
import { parseAnswer, type Rpc } from "../project/rpc.ts";
import { newState, parseUnfinished, type Plan, planRun, type RunState } from "./checkpoint.ts";
import type { Stopwatch } from "./report.ts";
import { backfill, type RunEnd } from "./run.ts";
import { comparing, writing } from "./submit.ts";

/** What a backfill needs from outside. */
export interface Conduct {
  clerk: ClerkApi;
  rpc: Rpc;
  pages: PageOptions;
  /** The instance that the key has to be of; null: whichever the project holds. */
  expectedInstanceId: string | null;
  isSwitch: boolean;
  isRestart: boolean;
  isDryRun: boolean;
  signal: AbortSignal;
  progress: Progress;
  stopwatch: Stopwatch;
  now: () => Date;
  newId: () => string;
}

/** How it ended, and how far it came. */
export interface Conclusion {
  end: RunEnd;
  state: RunState;
  isResumed: boolean;
  /** Kinds that Clerk has switched off, and of which rows are here all the same. */
  held: KindName[];
}

/** A whole backfill: is the key the project's, is there a run to go on with, and then page by page. */
export async function conduct(input: Conduct): Promise<Conclusion> {
  const { rpc, isDryRun, signal, progress } = input;
  let plan: Plan;
  try {
    plan = await prepare(input);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const failed = { kind: "failed", error, at: "the look at the key and the project" } as const;
    const end = signal.aborted ? { kind: "interrupted" } as const : failed;
    return { end, state: newState(""), isResumed: false, held: [] };
  }
  const { leftBehind } = plan;
  progress.note(`Clerk's instance is ${plan.state.instanceId}`);
  if (plan.resumedFrom) progress.note(`going on with the run of ${plan.resumedFrom.toISOString()}`);
  if (leftBehind) progress.note(`from the beginning: ${leftBehind}`);
  const { runId, state, resumedFrom } = plan;
  const save = isDryRun ? () => Promise.resolve() : (state: RunState) => store(rpc, runId, state);
  const send = isDryRun ? comparing : writing;
  const end = await backfill({ ...input, state, save, send: (kind) => send(rpc, kind) });
  return { ...await lookAtHeld(rpc, end, state), state, isResumed: resumedFrom !== null };
}

/** What lists those that live here, of what Clerk may have switched off. */
const LISTS: Partial<Record<KindName, RpcCall>> = {
  organizations: { name: "sync_list_orgs", args: {} },
  memberships: { name: "sync_list_memberships", args: {} },
  subscriptions: { name: "sync_list_snapshots", args: { p_kind: "subscription" } },
  invitations: { name: "sync_list_snapshots", args: { p_kind: "invitation" } },
};

/** After a complete run: of which kinds that Clerk has switched off rows are here. */
async function lookAtHeld(
  rpc: Rpc,
  end: RunEnd,
  state: RunState,
): Promise<Pick<Conclusion, "end" | "held">> {
  const held: KindName[] = [];
  if (end.kind !== "complete") return { end, held };
  try {
    for (const name of KIND_NAMES) {
      const list = LISTS[name];
      if (!list || state[name].isEnabled) continue;
      const answer = await rpc(list.name, { ...list.args, p_limit: 1 });
      const rows = parseAnswer(z.array(z.unknown()), answer);
      if (rows.length > 0) held.push(name);
    }
    return { end, held };
  } catch (error) {
    return { end: { kind: "failed", error, at: "the look at what is here" }, held };
  }
}

async function prepare(input: Conduct): Promise<Plan> {
  const { clerk, rpc, expectedInstanceId, isSwitch, isRestart, isDryRun, now, newId } = input;
  const instanceId = await checkInstance({ clerk, rpc, expected: expectedInstanceId, isSwitch });
  // What a dry run saw is not in the database, so nothing of a run may be skipped in one.
  if (isDryRun) return planRun({ instanceId, last: null, isRestart, now: now(), newId });
  await bindInstance(rpc, instanceId, isSwitch);
  const last = parseUnfinished(await rpc("sync_last_run", { p_kind: "backfill" }));
  return planRun({ instanceId, last, isRestart, now: now(), newId });
}

async function store(rpc: Rpc, runId: string, state: RunState): Promise<void> {
  const isFinished = KIND_NAMES.every((name) => state[name].isDone);
  await rpc("sync_save_run", {
    p_id: runId,
    p_kind: "backfill",
    p_state: state,
    p_is_finished: isFinished,
  });
}
