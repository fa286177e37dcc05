import { join } from "node:path";
import { readFlags } from "./flags.ts";
import { say, StackError, summary, terminalReport } from "./report.ts";
import { type Stack, startStack } from "./stack.ts";
import { startStatusPage } from "./status_page.ts";
import { onStopRequest } from "./stop_request.ts";

/** Runs the stack of a project in this terminal until Ctrl-C; resolves with the exit code. */
export async function runStack(root: string, args: string[]): Promise<number> {
  const startedAt = performance.now();
  const flags = readFlags(args);
  exitOnBug();
  const starting = new AbortController();
  const stopRequested = onStopRequest(() => {
    say("stopping …");
    starting.abort();
  });
  try {
    const { dashboardPort, ...others } = flags;
    const common = { report: terminalReport, signal: starting.signal };
    const options = { root, dataDir: join(root, ".stack"), ...others, ...common };
    await using stack = asDisposable(await startStack(options));
    const { env } = stack;
    const { dataDir } = options;
    const page = await startStatusPage({ env, dataDir, port: dashboardPort, ...common });
    say(summary(env, page?.url ?? null));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(`ready in ${seconds} s — Ctrl-C stops it`);
    await stopRequested;
    await page?.stop();
    return 0;
  } catch (error) {
    if (starting.signal.aborted) return 0;
    say(error instanceof StackError ? `\n${error.message}` : Deno.inspect(error), console.error);
    return 1;
  }
}

/** A stack that stops however the scope is left: by Ctrl-C while the page starts, too. */
function asDisposable(stack: Stack): Stack & AsyncDisposable {
  return { ...stack, [Symbol.asyncDispose]: stack.stop };
}

/** By default a forgotten error ends the process without the events by which PostgreSQL is ended too. */
function exitOnBug(): void {
  const exit = (event: Event, error: unknown) => {
    event.preventDefault();
    say(Deno.inspect(error), console.error);
    Deno.exit(1);
  };
  addEventListener("unhandledrejection", (event) => exit(event, event.reason));
  addEventListener("error", (event) => exit(event, event.error));
}
