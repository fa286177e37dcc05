import process from "node:process";
import { type Conclusion, conduct } from "./backfill/conduct.ts";
import { formatReport } from "./backfill/format.ts";
import { exitCodeOf, type Report, reportOf, Stopwatch } from "./backfill/report.ts";
import { earlyEndOf } from "./clerk/ending.ts";
import { openSides, peakMemoryMb, SIDES_NOTE, sidesOptions } from "./clerk/sides.ts";
import { defineCommand } from "./command/command.ts";
import { printableJson } from "./command/printable.ts";
import { widthOf } from "./command/terminal.ts";

export default defineCommand({
  name: "backfill",
  group: "operate",
  summary: "reads all that Clerk has into the project",
  description:
    `Reads all users, organizations, memberships, subscription items and invitations of Clerk into the
project. Safe to repeat, and while webhooks arrive: what is newer here stays.`,
  examples: [
    ["", "into the running local stack"],
    ["--dry-run", "what it would write"],
    ["--url https://<project ref>.supabase.co", "into a hosted project"],
  ],
  options: (command) =>
    sidesOptions(
      command
        .option("--dry-run", "reads and compares everything, writes nothing", false)
        .option(
          "--restart",
          "from the beginning; else an unfinished run of the last 24 hours is gone on with",
          false,
        )
        .option(
          "--switch-instance",
          "the project is to follow this key's instance, though it held another's",
          false,
        ),
    ).option("--json", "the summary as one JSON object", false),
  notes: `${SIDES_NOTE}

Ctrl-C ends it after the page that is being written; a second one at once. Either way, and after a
crash, the next start goes on where it was.

Exit code: 0 everything is in the project, 1 it failed or the database refuses something, 2 wrong usage
or another instance's key, 130 interrupted.`,
  async run({ dryRun, restart, switchInstance, json, ...options }, { signal }) {
    const { traffic, project, ...sides } = await openSides(options, {
      doing: "Into",
      source: "backfill",
      signal,
    });
    const startedAt = performance.now();
    const stopwatch = new Stopwatch(() => performance.now());
    const conclusion = await conduct({
      ...sides,
      isSwitch: switchInstance,
      isRestart: restart,
      isDryRun: dryRun,
      signal,
      stopwatch,
      now: () => new Date(),
      newId: () => crypto.randomUUID(),
    });
    const report = reportOf({
      ...outcomeOf(conclusion, project),
      project,
      is_dry_run: dryRun,
      is_resumed: conclusion.isResumed,
      held: conclusion.held,
      state: conclusion.state,
      stopwatch,
      traffic,
      elapsedMs: performance.now() - startedAt,
      peak_memory_mb: peakMemoryMb(),
    });
    console.log(json ? printableJson(report) : formatReport(report, widthOf(process.stdout)));
    return exitCodeOf(report);
  },
});

/** How it ended, in words. What nobody foresaw is thrown. */
function outcomeOf(
  { end }: Conclusion,
  project: string,
): Pick<Report, "outcome" | "error" | "message"> {
  if (end.kind !== "failed") return { outcome: end.kind, error: null, message: null };
  const early = earlyEndOf(end.error, { project });
  if (!early) throw end.error;
  return { outcome: "failed", error: early.word, message: `${early.message} At ${end.at}.` };
}
