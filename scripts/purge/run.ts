import { setTimeout } from "node:timers/promises";
import * as z from "zod/mini";
import type { Rpc } from "../clerk/project_rpc.ts";

/** How a run ended. `more_left`: as many batches as allowed were not enough. */
export type Ending = "done" | "more_left" | "interrupted";

/** What a run purged, and how it ended. */
export interface Report {
  ending: Ending;
  events: number;
  sessions: number;
  batches: number;
}

/** What a run needs. */
export interface RunInput {
  /** Older than so many days. */
  olderThanDays: number;
  /** Rows in one transaction. */
  batch: number;
  /** Between two batches. */
  pauseMs: number;
  /** Batches at most. */
  maxBatches: number;
  rpc: Rpc;
  /** Ends the run after the batch that is under way. */
  signal: AbortSignal;
  onBatch: (soFar: Report) => void;
}

const Batch = z.object({ events: z.int(), sessions: z.int(), is_done: z.boolean() });

/** Purges batch by batch, each in a transaction of its own, until nothing is left to purge. */
export async function run(input: RunInput): Promise<Report> {
  const { rpc, signal, olderThanDays, batch, pauseMs, maxBatches, onBatch } = input;
  const args = { p_older_than: `${olderThanDays} days`, p_batch: batch };
  const report: Report = { ending: "more_left", events: 0, sessions: 0, batches: 0 };

  while (report.batches < maxBatches) {
    if (signal.aborted) return { ...report, ending: "interrupted" };
    const { events, sessions, is_done } = z.parse(Batch, await rpc("purge_events", args));
    report.events += events;
    report.sessions += sessions;
    report.batches++;
    onBatch(report);
    if (is_done) return { ...report, ending: "done" };
    // Lets others have the database in between. An interruption is seen above.
    await setTimeout(pauseMs, null, { signal }).catch(() => {});
  }
  return report;
}
