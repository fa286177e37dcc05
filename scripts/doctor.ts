/**
 * `npm run doctor`: examines the webhook, the project and how the sync is doing. See --help. Here the command line, the
 * environment, the clock and the terminal meet; the rest is in doctor/.
 */
import { dirname, join } from "node:path";
import { createClerkApi } from "../supabase/functions/_clerk_sync/clerk/api.ts";
import { readEnvFile, readStackFile } from "./command/env_file.ts";
import { UsageError } from "./command/usage_error.ts";
import { createAsk } from "./doctor/ask.ts";
import { CHECKS } from "./doctor/checks.ts";
import { readExpected } from "./doctor/expected.ts";
import { formatResult, formatSummary, reportJson } from "./doctor/format.ts";
import { HELP } from "./doctor/help.ts";
import { parseOptions } from "./doctor/options.ts";
import { dataApi } from "./doctor/project.ts";
import { run } from "./doctor/run.ts";
import { resolveTarget } from "./doctor/target.ts";
import { onStopRequest } from "./stack/stop_request.ts";

const ROOT = dirname(import.meta.dirname!);

/** A check may send several requests. */
const REQUESTS_PER_CHECK = 3;

/** Asked with no key, for there is no project. */
const NOWHERE = new URL("http://127.0.0.1:9");

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const target = resolveTarget({
    options,
    env: Deno.env.toObject(),
    stack: await readStackFile(options.dataDir ?? join(ROOT, ".stack")),
    functionEnv: await readEnvFile(join(ROOT, "supabase", "functions", ".env")),
  });
  console.error(`Of ${target.projectUrl?.host ?? "no project"}, by what ${target.source} says`);

  const interruption = new AbortController();
  onStopRequest(() => interruption.abort());
  const skews: number[] = [];
  const { timeoutMs } = options;
  const now = () => new Date();
  const ask = createAsk({ fetch, timeoutMs, now, onClock: (skew) => skews.push(skew) });
  const { projectUrl, secretKey, publishableKey } = target;
  const isTerminal = Deno.stdout.isTerminal();
  const isColored = isTerminal && !Deno.noColor;
  const results = await run({
    checks: CHECKS,
    context: {
      target,
      ask,
      project: dataApi(ask, projectUrl ?? NOWHERE, secretKey?.text ?? ""),
      anonymous: projectUrl && publishableKey ? dataApi(ask, projectUrl, publishableKey) : null,
      expected: readExpected(),
      skews,
      now,
      createClerk: createClerkApi,
      timeoutMs,
    },
    checkTimeoutMs: timeoutMs * REQUESTS_PER_CHECK,
    signal: interruption.signal,
    onResult(result) {
      if (!options.json) console.log(formatResult(result, isTerminal, isColored));
    },
  });

  const hasFailed = results.some(({ level }) => level === "failure");
  const exitCode = interruption.signal.aborted ? 130 : hasFailed ? 1 : 0;
  console.log(
    options.json ? reportJson(results, target.source, exitCode) : `\n${formatSummary(results)}`,
  );
  return exitCode;
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  // Not 1: whatever this is, it is no finding.
  Deno.exit(2);
}
