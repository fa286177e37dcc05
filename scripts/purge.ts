import { Option } from "@commander-js/extra-typings";
import { BRIEF_PATIENCE } from "./clerk/persist.ts";
import { findProject } from "./clerk/project.ts";
import { createProjectCall } from "./clerk/project_call.ts";
import { projectRpc } from "./clerk/project_rpc.ts";
import { noTraffic } from "./clerk/traffic.ts";
import { defineCommand } from "./command/command.ts";
import { KEY_NOTE, projectOptions, wholeNumber } from "./command/options.ts";
import { printableJson } from "./command/printable.ts";
import { UsageError } from "./command/usage_error.ts";
import { type Ending, run } from "./purge/run.ts";

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
        .option("--batch <n>", "rows in one transaction", wholeNumber("batch", 1, 100_000), 5000)
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
    const project = await findProject(place);
    console.error(`Of ${project.url.host}, with the key of ${project.keySource}`);
    const report = await run({
      olderThanDays: olderThan,
      batch,
      pauseMs: pause,
      maxBatches,
      rpc: projectRpc(createProjectCall(project), {
        traffic: noTraffic(),
        signal,
        onWait: console.error,
        patience: BRIEF_PATIENCE,
      }),
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
