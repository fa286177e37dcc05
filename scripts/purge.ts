import { Option } from "@commander-js/extra-typings";
import { setTimeout } from "node:timers/promises";
import * as z from "zod/mini";
import { defineCommand } from "./command/command.ts";
import { KEY_NOTE, projectOptions, wholeNumber } from "./command/options.ts";
import { printableJson } from "./command/printable.ts";
import { UsageError } from "./command/usage_error.ts";
import { openProject, type Rpc } from "./project/rpc.ts";

/** What a shell is told, and what people are. */
const ENDINGS: Record<Ending, [code: number, words: string]> = {
  done: [0, "nothing is left"],
  more_left: [1, "more is left"],
  interrupted: [130, "interrupted"],
};

export default defineCommand({
  name: "purge",
  group: "operate",
  summary: "deletes old settled events and sign-ins, where pg_cron is not",
  description:
    `Deletes settled and ignored events of the ledger, and sign-ins that are over, a batch at a time.
Failed and rejected events stay, and so does what keeps a late event from bringing back what is gone.`,
  examples: [
    ["", "what is older than 90 days"],
    ["--older-than 30d", "what is older than 30"],
  ],
  options: (command) =>
    projectOptions(
      command
        .addOption(
          new Option("--older-than <days>", "at least 1d").argParser(days).default(90, "90d"),
        )
        .option(
          "--batch <n>",
          "rows in one transaction, 1 to 100000",
          wholeNumber("batch", 1, 100_000),
          5000,
        )
        .option("--pause <ms>", "between two batches", wholeNumber("pause", 0, 60_000), 200)
        .option(
          "--max-batches <n>",
          "stops after so many, with exit code 1",
          wholeNumber("max-batches", 1, 1_000_000),
          10_000,
        ),
    ).option("--json", "the report as one JSON object", false),
  notes: `${KEY_NOTE} With pg_cron none of this is needed: the migrations schedule it.

Exit code: 0 nothing is left to purge, 1 something is, 2 wrong usage or the project did not do it,
130 interrupted.`,
  async run({ olderThan, batch, pause, maxBatches, json, ...place }, { signal }) {
    const rpc = await openProject(place, signal);
    const report = await purge({
      olderThanDays: olderThan,
      batch,
      pauseMs: pause,
      maxBatches,
      rpc,
      signal,
      onBatch: ({ batches, events, sessions }) => {
        if (Deno.stderr.isTerminal()) {
          console.error(`batch ${batches}: ${events} events, ${sessions} sign-ins so far`);
        }
      },
    });
    const { ending, events, sessions, batches } = report;
    const [code, words] = ENDINGS[ending];
    console.log(
      json
        ? printableJson(report)
        : `purged ${events} events and ${sessions} sign-ins older than ${olderThan} days ` +
          `in ${batches} ${batches === 1 ? "batch" : "batches"}; ${words}`,
    );
    return code;
  },
});

function days(text: string): number {
  const [, digits] = /^(\d{1,5})d$/.exec(text) ?? [];
  if (!digits || Number(digits) === 0) {
    throw new UsageError("--older-than is a number of days, at least one, as 90d.");
  }
  return Number(digits);
}

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
export async function purge(input: RunInput): Promise<Report> {
  const { rpc, signal, olderThanDays, batch, pauseMs, maxBatches, onBatch } = input;
  const args = { p_older_than: `${olderThanDays} days`, p_batch: batch };
  const report: Report = { ending: "more_left", events: 0, sessions: 0, batches: 0 };

  while (report.batches < maxBatches) {
    if (signal.aborted) return { ...report, ending: "interrupted" };
    const { events, sessions, is_done } = z.parse(Batch, await rpc("sync_purge_events", args));
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
