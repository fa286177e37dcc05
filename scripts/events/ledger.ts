import * as z from "zod/mini";
import { parseAnswer, type Rpc } from "../project/rpc.ts";

/** How an event may have ended. */
export const OUTCOMES = ["applied", "stale", "ignored", "rejected", "failed", "closed"];

/** Outcomes that no later delivery settled. */
export const OPEN_OUTCOMES = ["failed", "rejected"];

const LedgerEvent = z.object({
  event_id: z.string(),
  event_type: z.string(),
  object_id: z.nullable(z.string()),
  event_at: z.nullable(z.string()),
  first_received_at: z.string(),
  last_received_at: z.string(),
  attempts: z.int(),
  outcome: z.string(),
  outcome_at: z.string(),
  effect: z.nullable(z.string()),
  next_attempt_at: z.nullable(z.string()),
  error_code: z.nullable(z.string()),
  error: z.nullable(z.string()),
});

/** An event of the ledger, as sync_list_events returns it. */
export type LedgerEvent = z.infer<typeof LedgerEvent>;

/** Whether a later delivery may still settle it. */
export function isOpen({ outcome }: LedgerEvent): boolean {
  return OPEN_OUTCOMES.includes(outcome);
}

/** Lists events, the newest first; rejects with a ProjectError. */
export async function listEvents(rpc: Rpc, filter: object): Promise<LedgerEvent[]> {
  return parseAnswer(z.array(LedgerEvent), await rpc("sync_list_events", filter));
}

const OpenCause = z.object({
  outcome: z.string(),
  error_code: z.nullable(z.string()),
  error: z.nullable(z.string()),
  events: z.int(),
  event_types: z.record(z.string(), z.int()),
  first_received_at: z.string(),
  last_received_at: z.string(),
  next_attempt_at: z.nullable(z.string()),
  not_again: z.int(),
  newest_event_id: z.string(),
});

/** What is in the way of so many open events, as sync_open_causes returns it. */
export type OpenCause = z.infer<typeof OpenCause>;

/** Lists what is in the way of all that is open, the commonest first; rejects with a ProjectError. */
export async function listCauses(rpc: Rpc, limit: number): Promise<OpenCause[]> {
  return parseAnswer(z.array(OpenCause), await rpc("sync_open_causes", { p_limit: limit }));
}

/** What sync_close_event says. */
const Result = z.enum(["closed", "not_open", "unknown"]);

/** One event that was to be closed, and what became of that. */
export interface Closing {
  event_id: string;
  result: z.infer<typeof Result>;
}

/** Closes events one by one. Rejects with a ProjectError; those before it are then closed. */
export async function closeEvents(rpc: Rpc, ids: string[]): Promise<Closing[]> {
  const closings: Closing[] = [];
  for (const event_id of ids) {
    const answer = await rpc("sync_close_event", { p_event_id: event_id });
    closings.push({ event_id, result: parseAnswer(Result, answer) });
  }
  return closings;
}
