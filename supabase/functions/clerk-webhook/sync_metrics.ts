import { type Metric, type Sample, toNumber } from "./metrics_text.ts";
import type { SyncStatus, SyncTimings, SyncTotals } from "./sync_answers.ts";

/** More types than Clerk has: the rest share the name `other`. */
export const TYPE_LIMIT = 100;

/** The bounds of the database's histograms. All are told each time: a counter that appears late has no past. */
export const BOUNDS_MS = [
  ...[1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000],
  ...[60_000, 300_000, 3_600_000, Infinity],
];

/** What the database tells of the sync, as metrics. Null: it does not answer, and there is nothing else to tell. */
export function syncMetrics(status: SyncStatus | null, totals: SyncTotals | null): Metric[] {
  const isUp = status !== null && totals !== null;
  const up: Metric = {
    name: "clerk_sync_database_up",
    type: "gauge",
    help: "Whether the database answered; without it there is no other metric of the sync.",
    samples: [{ value: isUp ? 1 : 0 }],
  };
  if (!isUp) return [up];
  return [
    up,
    {
      name: "clerk_sync_info",
      type: "gauge",
      help: "The Clerk instance that the project follows; empty: none yet.",
      samples: [{ labels: { instance: status.instance ?? "" }, value: 1 }],
    },
    {
      name: "clerk_sync_events_total",
      type: "counter",
      help: "Events by type and the outcome that they got.",
      samples: countSamples(totals.events),
    },
    {
      name: "clerk_sync_delay_seconds",
      type: "histogram",
      help: "From the event at Clerk to its commit here.",
      samples: histogram(totals.delay_ms),
    },
    {
      name: "clerk_sync_apply_seconds",
      type: "histogram",
      help: "The call that applied an event.",
      samples: histogram(totals.apply_ms),
    },
    {
      name: "clerk_sync_last_event_timestamp_seconds",
      type: "gauge",
      help: "When an event last got each outcome.",
      samples: times("outcome", status.last),
    },
    {
      name: "clerk_sync_open_events",
      type: "gauge",
      help: "Events that failed or were rejected and that no later delivery settled.",
      samples: (["failed", "rejected"] as const)
        .map((outcome) => ({ labels: { outcome }, value: status.open[outcome] })),
    },
    {
      name: "clerk_sync_last_run_timestamp_seconds",
      type: "gauge",
      help: "When the last backfill and the last drift check ended.",
      samples: times("kind", {
        backfill: status.last_backfill?.finished_at,
        drift: status.last_drift_check?.finished_at,
      }),
    },
  ];
}

/** The types with most events by name, so that no sender of types can fill the monitor's memory. */
function countSamples(events: SyncTotals["events"]): Sample[] {
  const sumOf = (counts: Record<string, number>) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  const types = Object.entries(events).sort(([, a], [, b]) => sumOf(b) - sumOf(a));
  const other = new Map<string, number>();
  for (const [outcome, count] of types.slice(TYPE_LIMIT).flatMap(([, of]) => Object.entries(of))) {
    other.set(outcome, (other.get(outcome) ?? 0) + count);
  }
  const named = types.slice(0, TYPE_LIMIT);
  if (other.size > 0) named.push(["other", Object.fromEntries(other)]);
  return named.flatMap(([type, counts]) =>
    Object.entries(counts).map(([outcome, value]) => ({ labels: { type, outcome }, value }))
  );
}

function histogram(timings: SyncTimings): Sample[] {
  const at = new Map(timings.map(({ upper_ms, events }) => [Number(upper_ms), events]));
  let upToHere = 0;
  const buckets = BOUNDS_MS.map((ms) => {
    upToHere += at.get(ms) ?? 0;
    return { suffix: "_bucket", labels: { le: toNumber(ms / 1000) }, value: upToHere };
  });
  const totalMs = timings.reduce((sum, { total_ms }) => sum + total_ms, 0);
  return [
    ...buckets,
    { suffix: "_sum", value: totalMs / 1000 },
    { suffix: "_count", value: upToHere },
  ];
}

/** What never was has no time. */
function times(label: string, at: Record<string, unknown>): Sample[] {
  return Object.entries(at).flatMap(([of, time]) =>
    typeof time === "string" ? [{ labels: { [label]: of }, value: Date.parse(time) / 1000 }] : []
  );
}
