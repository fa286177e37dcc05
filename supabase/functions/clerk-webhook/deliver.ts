import * as z from "zod/mini";
import { apply } from "../_clerk_sync/database/apply.ts";
import {
  type CallRpc,
  hasCause,
  outcomeOf,
  type RpcCall,
  type RpcFailure,
  UNEXPECTED_ANSWER,
} from "../_clerk_sync/database/rpc.ts";
import { accepted, type Answer, refused } from "../_clerk_sync/http/answer.ts";
import type { Log, LogFields } from "../_clerk_sync/log.ts";
import { storable } from "../_clerk_sync/storable.ts";
import { type ClerkEvent, type Fragment, parseEvent } from "./parse_event.ts";
import { route } from "./route.ts";

/** How long the further calls may take after the RPC took its time, in milliseconds: Svix still gets its answer. */
const RETRY_TIMEOUT_MS = 2_000;
const LATE_RECORD_TIMEOUT_MS = 1_000;

/** What a delivery is applied by. */
export interface Service {
  callRpc: CallRpc;
  /** When set, events that name another Clerk instance are ignored. */
  instanceId: string | null;
  log: Log;
}

/** One verified event, as far as it could be read. */
interface Delivery {
  id: string;
  event: ClerkEvent | Fragment;
}

/** Applies one verified delivery by one RPC. */
export async function deliver(id: string, body: string, service: Service): Promise<Answer> {
  const { callRpc, instanceId, log } = service;

  const parsed = parseEvent(body);
  if (!parsed.ok) {
    const { error, fragment } = parsed;
    return await record({ id, event: fragment }, service, { ...INVALID_BODY, error });
  }
  const event = parsed.event;
  const delivery = { id, event };
  log("debug", "parsed", { ...identify(delivery), event_at: event.at });

  if (instanceId && event.instanceId && event.instanceId !== instanceId) {
    return await record(delivery, service, { outcome: "ignored", code: "other_instance" });
  }

  const routed = route(event.type, event.data);
  const ids = namedIds(event.data);
  const invalid = { ...INVALID_BODY, ids };
  if (event.unread !== null && !(routed.kind === "apply" && routed.removes)) {
    return await record(delivery, service, { ...invalid, error: event.unread });
  }
  if (routed.kind === "ignore") return await record(delivery, service, { outcome: "ignored" });
  if (routed.kind === "reject") {
    return await record(delivery, service, { ...invalid, error: routed.error });
  }

  const { name, args } = routed.call;
  log("debug", "applying", { ...identify(delivery), rpc: name });
  const context = {
    p_event_id: id,
    p_event_type: event.type,
    p_event_at: event.at,
    p_instance_id: event.instanceId,
  };
  const call: RpcCall = { name, args: { ...args, ...context } };
  const result = outcomeOf(await apply(callRpc, call));
  if (result.kind === "done") {
    // The database follows another instance than the one that the event names.
    const code = result.outcome === "ignored" ? "other_instance" : undefined;
    const unread = routed.unread ?? event.unread ?? undefined;
    return accepted(result.outcome, { ...identify(delivery), error_code: code, unread });
  }

  if (hasCause(result)) {
    const retried = await retryEvent(callRpc, call, RETRY_TIMEOUT_MS);
    if (retried.kind === "done") return answerTo(delivery, retried);
    // It may still be under way, and enters the event by itself.
    if (retried.code === "timeout") return unavailable(delivery, result);
  } else if (result.kind === "refused") {
    const finding = { outcome: "rejected", code: result.code, error: UNREADABLE, ids } as const;
    return await record(delivery, service, finding, LATE_RECORD_TIMEOUT_MS);
  }
  // The call may have taken effect all the same: the ledger then keeps the event as applied.
  const failure = recordCall(delivery, { outcome: "failed", code: result.code, ids });
  await apply(callRpc, failure, LATE_RECORD_TIMEOUT_MS);
  return unavailable(delivery, result);
}

/** Answers a delivery that was refused, and made once more by the database itself. */
function answerTo(delivery: Delivery, { outcome, error_code, error }: Retried): Answer {
  const log = { ...identify(delivery), error_code, reason: error };
  if (outcome === "rejected") return rejected(log);
  const result = outcomeOf({ kind: "done", answer: outcome });
  if (result.kind === "done") return accepted(result.outcome, identify(delivery));
  return refused(503, "unavailable", log);
}

/** How a delivery that no RPC applied enters the ledger. */
interface Finding {
  outcome: "ignored" | "rejected" | "failed";
  code?: string;
  /** What is wrong, in words that hold no value of the body. */
  error?: string;
  /** The ledger is asked by the user's and the organization's ids as well. */
  ids?: NamedIds;
}

interface NamedIds {
  p_user_external_id: string | null;
  p_organization_external_id: string | null;
}

/** The Data API itself refuses the arguments: no rule of the database's has seen them. */
const UNREADABLE = "a value that the Data API can't read";

const INVALID_BODY = { outcome: "rejected", code: "invalid_body" } as const;

/** Records a delivery that no RPC applied, and answers it. */
async function record(
  delivery: Delivery,
  { callRpc }: Service,
  finding: Finding,
  timeoutMs?: number,
): Promise<Answer> {
  const result = outcomeOf(await apply(callRpc, recordCall(delivery, finding), timeoutMs));
  if (result.kind !== "done") return unavailable(delivery, result);
  const log = { ...identify(delivery), error_code: finding.code, reason: finding.error };
  return finding.outcome === "ignored" ? accepted("ignored", log) : rejected(log);
}

function recordCall(
  { id, event }: Delivery,
  { outcome, code, error, ids }: Finding,
): RpcCall {
  return {
    name: "record_event",
    args: {
      p_event_id: id,
      p_outcome: outcome,
      p_event_type: event.type,
      p_event_at: "at" in event ? event.at : null,
      p_object_id: readId(fieldOf(event.data, "id")),
      p_error_code: code ?? null,
      p_error: error ?? null,
      p_user_external_id: ids?.p_user_external_id ?? null,
      p_organization_external_id: ids?.p_organization_external_id ?? null,
    },
  };
}

function unavailable(delivery: Delivery, { code }: RpcFailure): Answer {
  return refused(503, "unavailable", { ...identify(delivery), error_code: code });
}

function identify({ id, event }: Delivery): LogFields {
  return { event_id: id, event_type: event.type ?? undefined };
}

/** The ids of user and organization that the data name, wherever they can be read. */
function namedIds(data: unknown): NamedIds {
  const payer = fieldOf(data, "payer");
  const user = fieldOf(data, "user_id") ?? fieldOf(fieldOf(data, "public_user_data"), "user_id");
  const organization = fieldOf(fieldOf(data, "organization"), "id") ??
    fieldOf(data, "organization_id");
  return {
    p_user_external_id: readId(user ?? fieldOf(payer, "user_id")),
    p_organization_external_id: readId(organization ?? fieldOf(payer, "organization_id")),
  };
}

function fieldOf(value: unknown, name: string): unknown {
  return (value as Record<string, unknown> | null | undefined)?.[name];
}

function readId(id: unknown): string | null {
  return typeof id === "string" ? storable(id.slice(0, 255)) || null : null;
}

const Retried = z.object({
  outcome: z.string(),
  error_code: z.nullable(z.string()),
  error: z.nullable(z.string()),
});

/** What `sync_retry_event` says: how the event ended, and of one that did not succeed what refused it. */
type Retried = { kind: "done" } & z.infer<typeof Retried>;

/**
 * Has the database make a refused call once more, look at what refuses it and enter that in the ledger. A call that is
 * applied pays nothing for this.
 */
async function retryEvent(
  callRpc: CallRpc,
  { name, args }: RpcCall,
  timeoutMs: number,
): Promise<Retried | RpcFailure> {
  const call: RpcCall = { name: "sync_retry_event", args: { p_rpc: name, p_arguments: args } };
  const result = await apply(callRpc, call, timeoutMs);
  if (result.kind !== "done") return result;
  const answer = Retried.safeParse(result.answer);
  return answer.success ? { kind: "done", ...answer.data } : UNEXPECTED_ANSWER;
}

/**
 * 422: the event will never be applied, so Svix is told not to try again:
 * https://docs.svix.com/receiving/delivery-control
 */
function rejected(log: LogFields): Answer {
  return refused(422, "rejected", log, { "webhook-delivery": "abort-message" });
}
