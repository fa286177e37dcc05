import { createClient } from "@supabase/supabase-js";
import type { Database } from "../database.types.ts";
import { toStorable } from "../storable.ts";

/** The RPCs that there are: a call of another one does not compile. */
export type RpcName = keyof Database["public"]["Functions"];

/** One call of an RPC, by the RPC's name and parameters. */
export interface RpcCall {
  name: RpcName;
  args: object;
}

/**
 * Why a call was not done. `refused`: the database will never take these values. `conflict`: another transaction was in
 * the way, and this one left nothing behind. `failed`: it may work later; whether it took effect is not known.
 */
export interface RpcFailure {
  kind: "refused" | "conflict" | "failed";
  code: string;
}

/** How a call ended. The answer is what the RPC returned, as JSON. */
export type RpcResult = { kind: "done"; answer: unknown } | RpcFailure;

/** Calls an RPC. Never throws; ends when `signal` does. */
export type CallRpc = (call: RpcCall, signal: AbortSignal) => Promise<RpcResult>;

/**
 * Calls RPCs of a Supabase project through its Data API, with the project's secret key. What PostgreSQL can't store is left
 * out of every argument, whoever calls: the Data API refuses the whole body for it, and a page with it.
 */
export function createCallRpc(url: string, secretKey: string): CallRpc {
  const client = createClient<Database>(url, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });

  return async ({ name, args }, signal) => {
    const { data, error } = await client.rpc(name, toStorable(args)).abortSignal(signal);
    if (!error) return { kind: "done", answer: data };
    return signal.aborted ? { kind: "failed", code: "timeout" } : classify(error.code);
  };
}

/** By SQLSTATE alone: https://www.postgresql.org/docs/17/errcodes-appendix.html */
export function classify(code: string | undefined): RpcFailure {
  if (!code) return { kind: "failed", code: "unreachable" };
  // Data exceptions, a missing or forbidden value, too long or too deep: the same body fails every time.
  if (/^22|^54|^23502$|^23514$|^PGRST102$/.test(code)) return { kind: "refused", code };
  // Serialization failure, deadlock, lock not available, unique violation: a race that the next try wins.
  if (/^40001$|^40P01$|^55P03$|^23505$/.test(code)) return { kind: "conflict", code };
  return { kind: "failed", code };
}

/** Something else than a Data API may answer without an error: that is no success. */
export const UNEXPECTED_ANSWER: RpcFailure = { kind: "failed", code: "unexpected_answer" };
