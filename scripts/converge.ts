/**
 * `npm run converge`: delivers as many random histories of Clerk as wanted, and shows that each ends in one state. See
 * --help. Here the command line, the stack and the terminal meet; the rest is in converge/.
 */
import postgres from "postgres";
import { printableJson } from "./command/printable.ts";
import { UsageError } from "./command/usage_error.ts";
import { HELP } from "./converge/help.ts";
import { parseOptions } from "./converge/options.ts";
import { shrink } from "./converge/plan.ts";
import { run } from "./converge/run.ts";
import { formatReport, isClean, Tally } from "./converge/tally.ts";
import { openTarget } from "./converge/target.ts";
import { NO_BAR, startBar, wantsBar } from "./simulate/progress.ts";

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", interrupt);

  await using target = await openTarget(options.dataDir, Deno.env.toObject());
  const sql = postgres(target.DB_URL, { max: 4, onnotice: () => {} });
  await using _ = { [Symbol.asyncDispose]: () => sql.end() };

  const seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
  const newTag = tagger();
  const tally = new Tally();
  const isWatched = wantsBar(options.histories, Deno.stderr.isTerminal());
  const bar = isWatched ? startBar(options.histories) : NO_BAR;
  const startedAt = performance.now();
  await run({
    ...options,
    seed,
    newTag,
    target,
    sql,
    signal: interruption.signal,
    onAnswer: (answer) => tally.answered(answer),
    onVerdict: (plan, verdict) => {
      tally.judged(plan.index, plan.events.length, verdict);
      bar.step(verdict.differences.length + verdict.ledger.length === 0);
    },
  });
  bar.stop();
  const seconds = (performance.now() - startedAt) / 1000;
  const report = tally.report(seed, seconds, interruption.signal.aborted);

  const [shortest] = report.failures;
  if (shortest && !report.interrupted) {
    console.error("shrinking the shortest history that went wrong …");
    console.error(await shrink({ seed, history: shortest.history, target, sql, newTag }));
  }
  console.log(options.json ? printableJson(report) : formatReport(report));
  if (report.interrupted) return 130;
  return isClean(report) ? 0 : 1;
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

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
