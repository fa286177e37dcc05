import { type RpcFailure, type RpcResult, UNEXPECTED_ANSWER } from "./rpc.ts";

const SYNC_OUTCOMES = ["applied", "duplicate", "stale", "ignored"] as const;

/** The `sync_outcome` of an RPC. */
export type SyncOutcome = (typeof SYNC_OUTCOMES)[number];

/** How a call of an RPC that returns a `sync_outcome` ended. */
export type OutcomeResult = { kind: "done"; outcome: SyncOutcome } | RpcFailure;

/** Reads the outcome out of the answer of a call. */
export function outcomeOf(result: RpcResult): OutcomeResult {
  if (result.kind !== "done") return result;
  const outcome = SYNC_OUTCOMES.find((known) => known === result.answer);
  return outcome ? { kind: "done", outcome } : UNEXPECTED_ANSWER;
}
