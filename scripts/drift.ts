/**
 * `npm run drift`: compares Clerk with the project and, with --repair, makes the project what Clerk says. See --help. Here
 * the command line, the environment, the clock and the terminal meet; the rest is in drift/ and clerk/.
 */
import { dirname, join } from "node:path";
import process from "node:process";
import { createClerkApi } from "../supabase/functions/_clerk_sync/clerk/api.ts";
import { resolveClerk } from "./clerk/clerk_access.ts";
import { patientClerk } from "./clerk/patient_clerk.ts";
import { createThrottle, defaultRate } from "./clerk/throttle.ts";
import { noTraffic } from "./project/persist.ts";
import { readEnvFile, readStackFile } from "./command/env_file.ts";
import { printableJson } from "./command/printable.ts";
import { startProgress } from "./command/progress.ts";
import { UsageError } from "./command/usage_error.ts";
import { askYes } from "./drift/ask_yes.ts";
import { type Deletes, questionOf } from "./drift/deletes.ts";
import { formatReport } from "./drift/format.ts";
import { HELP } from "./drift/help.ts";
import { parseOptions } from "./drift/options.ts";
import { run } from "./drift/run.ts";
import { watchOf } from "./drift/watch.ts";
import { createProjectCall, resolveProject } from "./project/project.ts";
import { projectRpc } from "./project/rpc.ts";
import { onStopRequest } from "./stack/stop_request.ts";

const ROOT = dirname(import.meta.dirname!);

/** Clerk answers a page within seconds, or not at all. */
const CLERK_TIMEOUT_MS = 30_000;

/** Svix delivers at once, and again after five seconds. */
const SETTLE_MS = 5_000;

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
  console.error(
    `${options.repair ? "Repairing" : "Checking"} ${host}, with the key of ${project.keySource}`,
  );

  const progress = startProgress(Deno.stderr.isTerminal());
  const interruption = new AbortController();
  const { signal } = interruption;
  onStopRequest(() => {
    progress.note("stopping after this page …");
    interruption.abort();
  });

  const write = (text: string) => process.stderr.write(text);
  const ask = (deletes: Deletes[]) =>
    askYes(questionOf(deletes), { input: process.stdin, write, signal });
  const isAnswerable = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
  const { maxDeletes, concurrency, pageSize: limit } = options;
  const rate = options.rate ?? defaultRate(access.isLive);
  const traffic = noTraffic();
  const patience = { traffic, signal, onWait: progress.note };
  const report = await run({
    clerk: patientClerk(createClerkApi({ ...access, timeoutMs: CLERK_TIMEOUT_MS }), {
      throttle: createThrottle({ rate, concurrency }),
      ...patience,
    }),
    rpc: projectRpc(createProjectCall(project), patience),
    project: host,
    pages: { limit, concurrency },
    names: options.only,
    expectedInstanceId: access.instanceId,
    removal: options.repair ? { maxDeletes, confirm: isAnswerable ? ask : null } : null,
    keepsAll: options.list,
    settleMs: SETTLE_MS,
    isRecorded: options.record,
    signal,
    watch: watchOf(progress),
    traffic,
    now: () => new Date(),
    newId: () => crypto.randomUUID(),
    // Kilobytes, on every system.
    peakMemoryMb: () => Math.round(process.resourceUsage().maxRSS / 1024),
  });
  console.log(options.json ? printableJson(report) : formatReport(report, options.list));
  return report.exit_code;
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  // Not 1: whatever this is, it is no drift.
  Deno.exit(2);
}
