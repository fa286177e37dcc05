import { createClient } from "@supabase/supabase-js";
import type { RpcCall } from "./route.ts";

const SYNC_OUTCOMES = ["applied", "duplicate", "stale"] as const;

/** The `sync_outcome` of an RPC. */
export type SyncOutcome = (typeof SYNC_OUTCOMES)[number];

/**
 * How a call ended. `refused`: the database will never take these values. `conflict`: another transaction was in the
 * way, and this one left nothing behind. `failed`: it may work later; whether it took effect is not known.
 */
export type RpcResult =
  | { kind: "done"; outcome: SyncOutcome }
  | { kind: "refused" | "conflict" | "failed"; code: string };

/** Calls an RPC. Never throws; ends when `signal` does. */
export type CallRpc = (call: RpcCall, signal: AbortSignal) => Promise<RpcResult>;

/** Calls RPCs of a Supabase project through its Data API, with the project's secret key. */
export function createCallRpc(url: string, secretKey: string): CallRpc {
  const client = createClient(url, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });

  return async ({ name, args }, signal) => {
    const { data, error } = await client.rpc(name, args).abortSignal(signal);
    if (error) return signal.aborted ? { kind: "failed", code: "timeout" } : classify(error.code);
    // Something else than a Data API may answer without an error: that is no success.
    const outcome = SYNC_OUTCOMES.find((known) => known === data);
    return outcome ? { kind: "done", outcome } : { kind: "failed", code: "unexpected_answer" };
  };
}

/** By SQLSTATE alone: https://www.postgresql.org/docs/17/errcodes-appendix.html */
export function classify(code: string | undefined): RpcResult {
  if (!code) return { kind: "failed", code: "unreachable" };
  // Data exceptions, a missing or forbidden value, too long or too deep: the same body fails every time.
  if (/^22|^54|^23502$|^23514$/.test(code)) return { kind: "refused", code };
  // Serialization failure, deadlock, lock not available, unique violation: a race that the next try wins.
  if (/^40001$|^40P01$|^55P03$|^23505$/.test(code)) return { kind: "conflict", code };
  return { kind: "failed", code };
}
