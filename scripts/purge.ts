/**
 * `npm run purge`: deletes old settled events and old sign-ins, for a project without pg_cron. See --help. Here the
 * command line, the environment and the terminal meet; the rest is in purge/.
 */
import { dirname, join } from "node:path";
import { createCallRpc } from "../supabase/functions/_shared/database/rpc.ts";
import { readStackFile } from "./command/env_file.ts";
import { UsageError } from "./command/usage_error.ts";
import { resolveProject } from "./doctor/project.ts";
import { fixFor, ProjectError, rpcBy } from "./doctor/rpc.ts";
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
    rpc: rpcBy(createCallRpc(project.url.href, project.secretKey)),
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
      ? JSON.stringify(report)
      : `purged ${events} events and ${sessions} sign-ins older than ${options.olderThanDays} days ` +
        `in ${batches} ${batches === 1 ? "batch" : "batches"}; ${words}`,
  );
  return EXIT_CODES[ending];
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (error instanceof ProjectError) console.error(`${error.message}. ${fixFor(error.code)}`);
  else console.error(error instanceof UsageError ? error.message : error);
  // Not 1: whatever this is, it is no answer.
  Deno.exit(2);
}
