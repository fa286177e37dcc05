/**
 * `npm run purge`: deletes old settled events and old sign-ins, for a project without pg_cron. See --help. Here the
 * command line, the environment and the terminal meet; the rest is in purge/.
 */
import { dirname, join } from "node:path";
import { lastWordsOf } from "./clerk/ending.ts";
import { BRIEF_PATIENCE } from "./clerk/persist.ts";
import { resolveProject } from "./clerk/project.ts";
import { createProjectCall } from "./clerk/project_call.ts";
import { projectRpc } from "./clerk/project_rpc.ts";
import { noTraffic } from "./clerk/traffic.ts";
import { readStackFile } from "./command/env_file.ts";
import { printableJson } from "./command/printable.ts";
import { HELP } from "./purge/help.ts";
import { parseOptions } from "./purge/options.ts";
import { run } from "./purge/run.ts";
import { onStopRequest } from "./stack/stop_request.ts";

const STACK_DIR = join(dirname(import.meta.dirname!), ".stack");

/** What a shell is told. */
const EXIT_CODES = { done: 0, more_left: 1, interrupted: 130 };

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const stack = await readStackFile(options.dataDir ?? STACK_DIR);
  const project = resolveProject({ options, env: Deno.env.toObject(), stack });
  console.error(`Of ${project.url.host}, with the key of ${project.keySource}`);

  const interruption = new AbortController();
  onStopRequest(() => interruption.abort());
  const report = await run({
    ...options,
    rpc: projectRpc(createProjectCall(project), {
      traffic: noTraffic(),
      signal: interruption.signal,
      onWait: console.error,
      patience: BRIEF_PATIENCE,
    }),
    signal: interruption.signal,
    onBatch: ({ batches, events, sessions }) => {
      if (Deno.stderr.isTerminal()) {
        console.error(`batch ${batches}: ${events} events, ${sessions} sign-ins so far`);
      }
    },
  });
  const { ending, events, sessions, batches } = report;
  const words = ending === "done"
    ? "nothing is left"
    : ending === "more_left"
    ? "more is left"
    : "interrupted";
  console.log(
    options.json
      ? printableJson(report)
      : `purged ${events} events and ${sessions} sign-ins older than ${options.olderThanDays} days ` +
        `in ${batches} ${batches === 1 ? "batch" : "batches"}; ${words}`,
  );
  return EXIT_CODES[ending];
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  console.error(lastWordsOf(error));
  // Not 1: whatever this is, it is no answer.
  Deno.exit(2);
}
