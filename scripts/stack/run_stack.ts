import { join } from "node:path";
import { readFlags } from "./flags.ts";
import { terminalReport } from "./report.ts";
import { startStack } from "./stack.ts";
import { StackError } from "./stack_error.ts";
import { onStopRequest } from "./stop_request.ts";
import { summary } from "./summary.ts";

/** Runs the stack of a project in this terminal until Ctrl-C; resolves with the exit code. */
export async function runStack(root: string, args: string[]): Promise<number> {
  const startedAt = performance.now();
  const flags = readFlags(args);
  exitOnBug();
  const starting = new AbortController();
  const stopRequested = onStopRequest(() => {
    console.log("stopping …");
    starting.abort();
  });
  try {
    const options = { root, dataDir: join(root, ".stack"), ...flags, report: terminalReport };
    const stack = await startStack({ ...options, signal: starting.signal });
    console.log(summary(stack.env));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`ready in ${seconds} s — Ctrl-C stops it`);
    await stopRequested;
    await stack.stop();
    return 0;
  } catch (error) {
    if (starting.signal.aborted) return 0;
    console.error(error instanceof StackError ? `\n${error.message}` : error);
    return 1;
  }
}

/** By default a forgotten error ends the process without the events by which PostgreSQL is ended too. */
function exitOnBug(): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error(event.reason);
    Deno.exit(1);
  });
}
