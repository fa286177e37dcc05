import * as z from "zod/mini";
import { withTimeout } from "../_clerk_sync/async.ts";
import type { CallRpc, RpcName } from "../_clerk_sync/database/rpc.ts";

const Time = z.nullable(z.string());
const Run = z.nullable(z.looseObject({ finished_at: Time }));

/** What is read of `sync_status()`. */
const Status = z.looseObject({
  instance: z.nullable(z.string()),
  last: z.looseObject({
    applied: Time,
    stale: Time,
    ignored: Time,
    rejected: Time,
    failed: Time,
  }),
  open: z.looseObject({
    failed: z.number(),
    rejected: z.number(),
    oldest_at: Time,
    newest_error: z.nullish(z.string()),
  }),
  last_backfill: Run,
  last_drift_check: Run,
});

/** A bound for itself, not for all below; the last one is `"Infinity"`, which JSON has no number for. */
const Timings = z.array(z.looseObject({
  upper_ms: z.union([z.number(), z.literal("Infinity")]),
  events: z.number(),
  total_ms: z.number(),
}));

/** What is read of `sync_metrics()`. */
const Totals = z.looseObject({
  events: z.record(z.string(), z.record(z.string(), z.number())),
  delay_ms: Timings,
  apply_ms: Timings,
});

export type SyncStatus = z.infer<typeof Status>;
export type SyncTotals = z.infer<typeof Totals>;
export type SyncTimings = z.infer<typeof Timings>;

/** What `sync_status()` answers; null when that is nothing, or nothing that it should be. Never rejects. */
export function readStatus(callRpc: CallRpc, timeoutMs: number): Promise<SyncStatus | null> {
  return ask(callRpc, "sync_status", Status, timeoutMs);
}

/** What `sync_metrics()` answers; null likewise. */
export function readTotals(callRpc: CallRpc, timeoutMs: number): Promise<SyncTotals | null> {
  return ask(callRpc, "sync_metrics", Totals, timeoutMs);
}

async function ask<Schema extends z.ZodMiniType>(
  callRpc: CallRpc,
  name: RpcName,
  schema: Schema,
  timeoutMs: number,
): Promise<z.infer<Schema> | null> {
  try {
    const result = await withTimeout(timeoutMs, (signal) => callRpc({ name, args: {} }, signal));
    return result.kind === "done" ? schema.parse(result.answer) : null;
  } catch {
    return null;
  }
}
