import type {
  CallRpc,
  RpcCall,
  RpcName,
  RpcResult,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import {
  readRpcSignatures,
  type RpcParameter,
  type RpcSignature,
} from "../../scripts/doctor/expected.ts";
import type {
  SyncStatus,
  SyncTotals,
} from "../../supabase/functions/clerk-webhook/sync_answers.ts";

/** One call that reached the database. */
export interface RecordedCall {
  name: RpcName;
  args: Record<string, unknown>;
}

/** A database that answers what a test wants and keeps what it was asked. */
export interface FakeDatabase {
  callRpc: CallRpc;
  calls: RecordedCall[];
  /** What the Data API would have refused: unknown RPCs, unknown or missing parameters, values of another type. */
  problems: string[];
}

/** How the database ends a call. */
export type Respond = (call: RecordedCall, signal: AbortSignal) => RpcResult | Promise<RpcResult>;

const SIGNATURES = readRpcSignatures();
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const applied: Respond = () => ({ kind: "done", answer: "applied" });

/**
 * A database that is as strict about a call as the real one: names and types are those of the migrations. The calls of a page
 * are kept and answered one by one.
 */
export function fakeDatabase(respond: Respond = applied): FakeDatabase {
  const calls: RecordedCall[] = [];
  const problems: string[] = [];
  const callRpc: CallRpc = async (call, signal) => {
    const recorded = { name: call.name, args: { ...call.args } as Record<string, unknown> };
    problems.push(...problemsOf(call));
    if (!isStorable(recorded.args)) return { kind: "refused", code: "22P05" };
    if (call.name === "sync_apply_events") return await applyPage(recorded, signal);
    calls.push(recorded);
    return await respond(recorded, signal);
  };
  const applyPage = async ({ args }: RecordedCall, signal: AbortSignal): Promise<RpcResult> => {
    const answer: object[] = [];
    for (const call of args.p_calls as PageCall[]) {
      const result = await callRpc({ name: call.rpc, args: call.arguments }, signal);
      answer.push(
        result.kind === "done" ? { outcome: result.answer } : { error_code: result.code },
      );
    }
    return { kind: "done", answer };
  };
  return { calls, problems, callRpc };
}

/** An element of a page. */
interface PageCall {
  rpc: RpcName;
  arguments: object;
}

/** What `sync_retry_event` finds out. */
export interface Retried {
  outcome: string;
  error_code: string | null;
  error: string | null;
}

/** A database that ends every call but `record_event` with one result, and `sync_retry_event` with another one, if any. */
export function databaseThat(result: RpcResult, retried?: Retried): FakeDatabase {
  return fakeDatabase(({ name }) => {
    if (name === "record_event") return { kind: "done", answer: "applied" };
    return name === "sync_retry_event" && retried ? { kind: "done", answer: retried } : result;
  });
}

/** The names of calls, in order. */
export function namesOf(calls: RecordedCall[]): string[] {
  return calls.map(({ name }) => name);
}

function problemsOf({ name, args }: RpcCall): string[] {
  const signature = SIGNATURES.get(name);
  if (!signature) return [`there is no RPC ${name}`];
  const given = new Map(Object.entries(args));
  return [
    ...[...given].map(([parameter, value]) => problemOf(signature, parameter, value)),
    ...[...signature].map(([parameter, { required }]) =>
      required && !given.has(parameter) ? `${parameter} is missing` : null
    ),
  ].filter((problem) => problem !== null).map((problem) => `${name}: ${problem}`);
}

function problemOf(signature: RpcSignature, name: string, value: unknown): string | null {
  const parameter = signature.get(name);
  if (!parameter) return `there is no parameter ${name}`;
  return fits(parameter, value) ? null : `${name} is no ${parameter.type}`;
}

function fits({ type }: RpcParameter, value: unknown): boolean {
  if (value === null) return true;
  if (type === "text") return typeof value === "string";
  if (type === "boolean") return typeof value === "boolean";
  if (type === "timestamptz") return typeof value === "string" && ISO_TIME.test(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "uuid") return typeof value === "string" && /^[0-9a-f-]{36}$/.test(value);
  if (type === "jsonb") return typeof value === "object";
  return false;
}

/** PostgreSQL's text holds neither U+0000 nor half a surrogate pair; JSON.stringify writes both as escapes. */
function isStorable(args: object): boolean {
  return !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(JSON.stringify(args));
}

/** What an RPC answers, by its name. */
export type Answers = Record<string, unknown>;

/** A database without a row, that every comparison finds in sync. */
const EMPTY: Answers = {
  sync_compare_users: [],
  sync_compare_orgs: [],
  sync_compare_memberships: [],
  sync_compare_snapshots: [],
  sync_list_memberships: [],
  sync_list_snapshots: [],
  sync_bound_instance: null,
  sync_bind_instance: "bound",
  sync_upsert_users: { applied: 1, stale: 0 },
  sync_upsert_orgs: { applied: 1, stale: 0 },
  sync_set_memberships: { applied: 1, stale: 0 },
  sync_record_snapshots: { applied: 1, stale: 0 },
};

/** An empty database that answers differently where a test says so. The single RPCs answer `applied`. */
export function emptyDatabase(answers: Answers = {}): FakeDatabase {
  return databaseBy(({ name }) => ({ kind: "done", answer: { ...EMPTY, ...answers }[name] }));
}

/** A database by a rule; where it gives no answer, the empty one does. */
export function databaseBy(respond: Respond): FakeDatabase {
  return fakeDatabase(async (call, signal) => {
    const result = await respond(call, signal);
    if (result.kind !== "done" || result.answer !== undefined) return result;
    return { kind: "done", answer: call.name in EMPTY ? EMPTY[call.name] : "applied" };
  });
}

/** A row that a comparison found to differ. */
export function row(
  external_id: string,
  kind: string,
  fields: string[] = [],
  updated_at = null as string | null,
) {
  return { external_id, kind, fields, updated_at };
}

/** What `sync_status()` answers while all is well, with these differences. */
export function syncStatus(difference: object = {}): SyncStatus {
  const now = new Date().toISOString();
  return {
    now,
    instance: "ins_1",
    last: { applied: now, stale: null, ignored: null, rejected: null, failed: null },
    open: { failed: 0, rejected: 0, oldest_at: null },
    last_backfill: null,
    last_drift_check: null,
    ...difference,
  };
}

/** What `sync_metrics()` answers: of two events one took 3 ms, the other longer than any bound. */
export function syncTotals(difference: object = {}): SyncTotals {
  const timings = [
    { upper_ms: 5, events: 1, total_ms: 3 },
    { upper_ms: "Infinity" as const, events: 1, total_ms: 4_000_000 },
  ];
  return {
    events: { "user.created": { applied: 2 } },
    delay_ms: timings,
    apply_ms: [],
    ...difference,
  };
}
