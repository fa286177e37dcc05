import { Option } from "@commander-js/extra-typings";
import process from "node:process";
import { KIND_NAMES } from "./clerk/kinds.ts";
import { openSides, peakMemoryMb, SIDES_NOTE, sidesOptions } from "./clerk/sides.ts";
import { defineCommand } from "./command/command.ts";
import { listOf } from "./command/options.ts";
import { printableJson } from "./command/printable.ts";
import { widthOf } from "./command/terminal.ts";
import { askYes, type Deletes, parseMaxDeletes, questionOf } from "./drift/deletes.ts";
import { formatReport } from "./drift/format.ts";
import { run } from "./drift/run.ts";

/** Svix delivers at once, and again after five seconds. */
const SETTLE_MS = 5_000;

export default defineCommand({
  name: "drift",
  group: "operate",
  summary: "compares Clerk with the project, and repairs what differs",
  description:
    `Compares Clerk with the project: all users, organizations, memberships, subscription items and
invitations, field by field. It writes nothing but the result, which sync_status then shows.`,
  examples: [
    ["", "of the running local stack"],
    ["--repair", "and makes the rows here what Clerk says"],
    ["--url https://<project ref>.supabase.co", "of a hosted project"],
  ],
  options: (command) =>
    sidesOptions(
      command
        .option(
          "--repair",
          "writes page by page what Clerk has; at the end deletes what is extra, and looks again at " +
            "organizations whose slugs that moved. A broken-off repair is simply made again",
          false,
        )
        .addOption(
          new Option(
            "--max-deletes <n>",
            "so many rows of a kind, or n% of those that live here, end without asking; more are " +
              "asked for on a terminal, else left. Memberships that end with their user or " +
              "organization count",
          ).argParser(parseMaxDeletes).default(parseMaxDeletes("1%"), "1%"),
        )
        .option("--only <kinds>", `of ${KIND_NAMES}`, listOf("only", KIND_NAMES))
        .option("--no-record", "does not keep the result")
        .option("--list", "every difference, not only the first ones", false),
    ).option("--json", "the result as one JSON object", false),
  notes: `${SIDES_NOTE}

What is found:
  missing       in Clerk, not here
  stale         here is an older state
  different     here are other values of the same state
  wrong role    of a membership, the role alone
  extra         here, and Clerk, asked for this very one, does not have it
  deleted here  in Clerk, but deleted here, which is final: not repaired

A webhook under way is no drift: what changed in the last minute, and what is extra, is looked at again
after five seconds.

The ids of one kind at a time are held in memory: 270 MB at most with 200,000 rows of a kind, some 40 MB
more for each further 100,000; with --list every difference as well.

Exit code: 0 in sync, or everything was repaired; 1 drift; 2 could not tell, or wrong usage; 130
interrupted.`,
  async run({ repair, maxDeletes, only, record, list, json, ...options }, { signal }) {
    const sides = await openSides(options, {
      doing: repair ? "Repairing" : "Checking",
      source: "drift",
      signal,
    });
    const write = (text: string) => process.stderr.write(text);
    const ask = (deletes: Deletes[]) =>
      askYes(questionOf(deletes), { input: process.stdin, write, signal });
    const isAnswerable = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
    const report = await run({
      ...sides,
      names: only ?? KIND_NAMES,
      removal: repair ? { maxDeletes, confirm: isAnswerable ? ask : null } : null,
      keepsAll: list,
      settleMs: SETTLE_MS,
      isRecorded: record,
      signal,
      now: () => new Date(),
      newId: () => crypto.randomUUID(),
      peakMemoryMb,
    });
    console.log(
      json ? printableJson(report) : formatReport(report, {
        isWhole: list,
        width: widthOf(process.stdout),
        schema: sides.schema,
      }),
    );
    return report.exit_code;
  },
});
