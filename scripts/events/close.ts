import * as z from "zod/mini";
import { printable } from "../command/printable.ts";
import { parseAnswer, type Rpc } from "../project/rpc.ts";

/** What close_event says. */
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
    const answer = await rpc("close_event", { p_event_id: event_id });
    closings.push({ event_id, result: parseAnswer(Result, answer) });
  }
  return closings;
}

/** 0 when all are closed, 1 when one was not open. */
export function exitCodeOf(closings: Closing[]): number {
  return closings.every(({ result }) => result === "closed") ? 0 : 1;
}

const MEANINGS: Record<Closing["result"], string> = {
  closed: "closed: it is open no more, and a later delivery may still apply it",
  not_open: "not open: it is settled, ignored or closed already, and stays so",
  unknown: "unknown: the ledger has no such event",
};

/** A line for each. */
export function formatClosings(closings: Closing[]): string {
  return closings.map(({ event_id, result }) => `${printable(event_id)}  ${MEANINGS[result]}`)
    .join("\n");
}
