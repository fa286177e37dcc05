import type {
  SyncStatus,
  SyncTotals,
} from "../../../supabase/functions/clerk-webhook/sync_answers.ts";

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
