import postgres from "postgres";
import { defineCommand } from "./command/command.ts";
import { readStackFile } from "./command/env_file.ts";
import { wholeNumber } from "./command/options.ts";
import { printableJson } from "./command/printable.ts";
import { UsageError } from "./command/usage_error.ts";
import { type Calls, callsSince, readCalls } from "./converge/calls.ts";
import { shrink } from "./converge/plan.ts";
import { run, type Target } from "./converge/run.ts";
import { formatReport, isClean, Tally } from "./converge/tally.ts";
import { NO_BAR, startBar, wantsBar } from "./simulate/progress.ts";
import { startTemporaryStack } from "./temporary_stack.ts";

export default defineCommand({
  name: "converge",
  group: "develop",
  summary: "delivers random histories in random order, and compares the end",
  description:
    `Delivers random histories of Clerk to the webhook, signed, in random order, several times and
at once, and compares the tables of each with what the rules prescribe.`,
  examples: [
    ["", "200 histories on a stack of its own"],
    ["--seed 7", "the same each time"],
  ],
  options: (command) =>
    command
      .option("--histories <n>", "how many", wholeNumber("histories", 1, 1_000_000), 200)
      .option("--concurrency <n>", "in flight at once", wholeNumber("concurrency", 1, 64), 16)
      .option("--seed <n>", "of an earlier run", wholeNumber("seed", 0, 2 ** 31 - 1))
      .option("--data-dir <path>", "directory of a running local stack")
      .option("--json", "the report as one JSON object", false),
  notes:
    `Without --data-dir it delivers to the stack of WEBHOOK_URL, DB_URL and CLERK_WEBHOOK_SECRET, when all are set;
else one that is started for the run. With SECRET_KEY it asks the function how many deliveries went in pages.

Exit code: 0 all converged, 1 a divergence, an error answer or a lost event, 2 wrong usage, 130
interrupted.`,
  async run({ json, dataDir, ...options }, { signal }) {
    await using target = await openTarget(dataDir, Deno.env.toObject());
    const sql = postgres(target.DB_URL, { max: 4, onnotice: () => {} });
    await using _ = { [Symbol.asyncDispose]: () => sql.end() };

    const seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
    const newTag = tagger();
    const tally = new Tally();
    const isWatched = wantsBar(options.histories, Deno.stderr.isTerminal());
    const bar = isWatched ? startBar(options.histories) : NO_BAR;
    const callsBefore = await callsOf(target);
    const startedAt = performance.now();
    await run({
      ...options,
      seed,
      newTag,
      target,
      sql,
      signal,
      onAnswer: (answer) => tally.answered(answer),
      onVerdict: (plan, verdict) => {
        tally.judged(plan.index, plan.events.length, verdict);
        bar.step(verdict.differences.length + verdict.ledger.length === 0);
      },
    });
    bar.stop();
    const seconds = (performance.now() - startedAt) / 1000;
    const callsAfter = callsBefore && await callsOf(target);
    const calls = callsAfter && callsSince(callsBefore, callsAfter);
    const report = tally.report(seed, seconds, signal.aborted, calls);

    const [shortest] = report.failures;
    if (shortest && !report.interrupted) {
      console.error("shrinking the shortest history that went wrong …");
      console.error(await shrink({ seed, history: shortest.history, target, sql, newTag }));
    }
    console.log(json ? printableJson(report) : formatReport(report));
    if (report.interrupted) return 130;
    return isClean(report) ? 0 : 1;
  },
});

/** The stack of a directory, that of the environment, or one that lives as long as the run. */
async function openTarget(
  dataDir: string | undefined,
  env: Record<string, string | undefined>,
): Promise<Target & AsyncDisposable> {
  const running = targetOf(dataDir === undefined ? env : (await readStackFile(dataDir)).values);
  if (running) return { ...running, [Symbol.asyncDispose]: () => Promise.resolve() };
  if (dataDir !== undefined) throw new UsageError(`No stack is running on ${dataDir}.`);
  const stack = await startTemporaryStack();
  return { ...stack.env, [Symbol.asyncDispose]: stack.remove };
}

function targetOf(env: Record<string, string | undefined>): Target | null {
  const { WEBHOOK_URL, DB_URL, CLERK_WEBHOOK_SECRET, SECRET_KEY } = env;
  if (!WEBHOOK_URL || !DB_URL || !CLERK_WEBHOOK_SECRET) return null;
  return { WEBHOOK_URL, DB_URL, CLERK_WEBHOOK_SECRET, SECRET_KEY };
}

function callsOf({ WEBHOOK_URL, SECRET_KEY }: Target): Promise<Calls | null> {
  return SECRET_KEY ? readCalls(WEBHOOK_URL, SECRET_KEY) : Promise.resolve(null);
}

/** Tags that no other run has used: a few letters for this run, and a number. */
function tagger(): () => string {
  const own = Array.from(
    crypto.getRandomValues(new Uint8Array(6)),
    (byte) => (byte % 36).toString(36),
  );
  let count = 0;
  return () => `${own.join("")}${(count++).toString(36)}x`;
}
