/**
 * `npm run dashboard`: a page that shows how the sync is doing. See --help. Here the command line, the environment and the
 * clock meet; the rest is in dashboard/.
 */
import { dirname, join } from "node:path";
import { readStackFile } from "./command/env_file.ts";
import { UsageError } from "./command/usage_error.ts";
import { createAsk, createAskHealth } from "./dashboard/ask.ts";
import { HELP } from "./dashboard/help.ts";
import { parseOptions, readSilentAfterHours } from "./dashboard/options.ts";
import { startDashboard } from "./dashboard/server.ts";
import { resolveProject } from "./project/project.ts";
import { onStopRequest } from "./stack/stop_request.ts";

const STACK_DIR = join(dirname(import.meta.dirname!), ".stack");
const INTERVAL_MS = 1_000;

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const env = Deno.env.toObject();
  const stack = await readStackFile(options.dataDir ?? STACK_DIR);
  const project = resolveProject({ options: { url: undefined }, env, stack });
  const silentAfterHours = readSilentAfterHours(env.SILENT_AFTER_HOURS);
  const stopRequested = onStopRequest(() => {});
  try {
    await using dashboard = await startDashboard({
      port: options.port,
      ask: createAsk(project),
      askHealth: createAskHealth(project.url),
      project: project.url.host,
      silentAfterHours,
      intervalMs: INTERVAL_MS,
      now: () => new Date(),
    });
    console.error(`Of ${project.url.host}, with the key of ${project.keySource}`);
    console.log(`${dashboard.url}  (Ctrl-C ends it)`);
    await stopRequested;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    console.error(
      `Port ${options.port} is taken; choose another with --port, or any with --port 0.`,
    );
    return 1;
  }
  return 0;
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
