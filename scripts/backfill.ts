/**
 * `npm run backfill`: reads all users, organizations and memberships of Clerk into the project. See --help. Here the
 * command line, the environment, the clock and the terminal meet; the rest is in backfill/ and clerk/.
 */
import { dirname, join } from "node:path";
import process from "node:process";
import { createClerkApi } from "../supabase/functions/_clerk_sync/clerk/api.ts";
import { type Conclusion, conduct } from "./backfill/conduct.ts";
import { formatReport } from "./backfill/format.ts";
import { HELP } from "./backfill/help.ts";
import { parseOptions } from "./backfill/options.ts";
import { exitCodeOf, type Report, reportOf, Stopwatch } from "./backfill/report.ts";
import { watchOf } from "./backfill/watch.ts";
import { resolveClerk } from "./clerk/clerk_access.ts";
import { earlyEndOf } from "./clerk/ending.ts";
import { patientClerk } from "./clerk/patient_clerk.ts";
import { createThrottle, defaultRate } from "./clerk/throttle.ts";
import { noTraffic } from "./project/persist.ts";
import { readEnvFile, readStackFile } from "./command/env_file.ts";
import { printableJson } from "./command/printable.ts";
import { startProgress } from "./command/progress.ts";
import { UsageError } from "./command/usage_error.ts";
import { createProjectCall, resolveProject } from "./project/project.ts";
import { projectRpc } from "./project/rpc.ts";
import { onStopRequest } from "./stack/stop_request.ts";

const ROOT = dirname(import.meta.dirname!);

/** Clerk answers a page within seconds, or not at all. */
const CLERK_TIMEOUT_MS = 30_000;

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const env = Deno.env.toObject();
  const file = await readEnvFile(join(ROOT, "supabase", "functions", ".env"));
  const access = resolveClerk({ env, file });
  const stack = await readStackFile(options.dataDir ?? join(ROOT, ".stack"));
  const project = resolveProject({ options, env, stack });
  const { url: { host } } = project;
  console.error(`Into ${host}, with the key of ${project.keySource}`);

  const { json, dryRun: isDryRun } = options;
  const progress = startProgress(Deno.stderr.isTerminal());
  const interruption = new AbortController();
  const { signal } = interruption;
  onStopRequest(() => {
    progress.note("stopping after this page …");
    interruption.abort();
  });

  const startedAt = performance.now();
  const stopwatch = new Stopwatch(() => performance.now());
  const traffic = noTraffic();
  const { concurrency, pageSize: limit } = options;
  const rate = options.rate ?? defaultRate(access.isLive);
  const patience = { traffic, signal, onWait: progress.note };
  const conclusion = await conduct({
    clerk: patientClerk(createClerkApi({ ...access, timeoutMs: CLERK_TIMEOUT_MS }), {
      throttle: createThrottle({ rate, concurrency }),
      ...patience,
    }),
    rpc: projectRpc(createProjectCall(project), patience),
    pages: { limit, concurrency },
    expectedInstanceId: access.instanceId,
    isSwitch: options.switchInstance,
    isRestart: options.restart,
    isDryRun,
    signal,
    watch: watchOf(progress, stopwatch),
    now: () => new Date(),
    newId: () => crypto.randomUUID(),
  });
  const report = reportOf({
    ...outcomeOf(conclusion, host),
    project: host,
    is_dry_run: isDryRun,
    is_resumed: conclusion.isResumed,
    held: conclusion.held,
    state: conclusion.state,
    stopwatch,
    traffic,
    elapsedMs: performance.now() - startedAt,
    // Kilobytes, on every system.
    peak_memory_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  });
  console.log(json ? printableJson(report) : formatReport(report));
  return exitCodeOf(report);
}

/** How it ended, in words. What nobody foresaw is thrown. */
function outcomeOf(
  { end }: Conclusion,
  host: string,
): Pick<Report, "outcome" | "error" | "message"> {
  if (end.kind !== "failed") return { outcome: end.kind, error: null, message: null };
  const early = earlyEndOf(end.error, { project: host });
  if (!early) throw end.error;
  return { outcome: "failed", error: early.word, message: `${early.message} At ${end.at}.` };
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
