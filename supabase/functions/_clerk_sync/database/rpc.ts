import { createClient } from "@supabase/supabase-js";
import type { Database } from "../database.types.ts";
import { SCHEMA } from "../schema.ts";
import { storableJson } from "../storable.ts";

/** The RPCs that there are: a call of another one does not compile. */
export type RpcName = keyof Database["public"]["Functions"];

/** One call of an RPC, by the RPC's name and parameters. */
export interface RpcCall {
  name: RpcName;
  args: object;
}

/**
 * Why a call was not done. `refused`: the database did not take these values, for what they are or by a rule of the app's
 * own (a trigger, a constraint): the code does not tell which. `conflict`: another transaction was in the way, and this one
 * left nothing behind. `failed`: it may work later; whether it took effect is not known.
 */
export interface RpcFailure {
  kind: "refused" | "conflict" | "failed";
  code: string;
}

/** How a call ended. The answer is what the RPC returned, as JSON. */
export type RpcResult = { kind: "done"; answer: unknown } | RpcFailure;

/** Calls an RPC. Never throws; ends when `signal` does. */
export type CallRpc = (call: RpcCall, signal: AbortSignal) => Promise<RpcResult>;

/** Why RPCs are called that have no event, as `clerk_sync.source` tells it to triggers and to the change queue. */
export type CallSource = "sync" | "backfill" | "drift";

/**
 * Calls RPCs of a Supabase project through its Data API, with the project's secret key. What PostgreSQL can't store is left
 * out of every argument, whoever calls: the Data API refuses the whole body for it, and a page with it. Without a `source` a
 * call that has no event is one by hand.
 */
export function createCallRpc(
  url: string,
  secretKey: string,
  schema: string = SCHEMA,
  source?: CallSource,
): CallRpc {
  const client = createClient<Database>(url, secretKey, {
    // Nobody is signed in: the client makes no Auth, and looks for no session. `npm run deploy` relies on that.
    accessToken: () => Promise.resolve(null),
    global: { fetch: fetchStorable, headers: source ? { "clerk-sync-source": source } : {} },
    // In whichever schema they are, the types are those of `public`.
    db: { schema: schema as "public" },
  });

  return async ({ name, args }, signal) => {
    const { data, error } = await client.rpc(name, args).abortSignal(signal);
    if (!error) return { kind: "done", answer: data };
    return signal.aborted ? { kind: "failed", code: "timeout" } : classify(error.code);
  };
}

/** The client has written the arguments as JSON by now: they are cleaned as that, and not written twice. */
function fetchStorable(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const { body } = init ?? {};
  return fetch(input, typeof body === "string" ? { ...init, body: storableJson(body) } : init);
}

/** By SQLSTATE alone: https://www.postgresql.org/docs/17/errcodes-appendix.html */
export function classify(code: string | undefined): RpcFailure {
  if (!code) return { kind: "failed", code: "unreachable" };
  // Serialization failure, deadlock, lock not available: a race that the next try wins.
  if (/^(40001|40P01|55P03)$/.test(code)) return { kind: "conflict", code };
  // No JSON that the Data API reads.
  if (code === "PGRST102") return { kind: "refused", code };
  if (SQLSTATE.test(code)) return { kind: SERVER.test(code) ? "failed" : "refused", code };
  // A trigger can raise an answer with any text for a code, as can another server.
  return /^PGRST\d/.test(code) ? { kind: "failed", code } : UNEXPECTED_ANSWER;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** Classes of what is no matter of the values: the connection, rights, missing objects, resources, operators, bugs. */
const SERVER = /^(08|0A|21|25|28|3D|3F|40|42|53|55|57|58|F0|HV|XX)/;

/** Whether the next try may win: a conflict, or something unique that another transaction may have written just now. */
export function mayWinNextTry({ kind, code }: RpcFailure): boolean {
  return kind === "conflict" || code === "23505";
}

/**
 * Whether the database can tell by itself what refused a call. Not of a conflict, nor of a server that had no time, room or
 * connection for it.
 */
export function hasCause({ kind, code }: RpcFailure): boolean {
  if (kind === "conflict") return false;
  return code === UNEXPECTED_ANSWER.code || SQLSTATE.test(code) && !/^(08|40|53|57|58)/.test(code);
}

/** Something else than a Data API may answer without an error: that is no success. */
export const UNEXPECTED_ANSWER: RpcFailure = { kind: "failed", code: "unexpected_answer" };

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
