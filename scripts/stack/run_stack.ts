import { join, relative, resolve } from "node:path";
import { REPOSITORY } from "./deno_process.ts";
import { writeEnvFile } from "./env_file.ts";
import { say, StackError, summary, terminalReport } from "./report.ts";
import { startStack } from "./stack.ts";
import { startStatusPage } from "./status_page.ts";

/** What `npm start` is told. */
export type RunOptions = {
  apiPort?: number | undefined;
  dbPort?: number | undefined;
  dashboardPort?: number | undefined;
  dataDir?: string | undefined;
  fresh: boolean;
};

/** Runs the stack of a project in this terminal until the signal; resolves with the exit code. */
export async function runStack(
  root: string,
  { dashboardPort, dataDir = join(root, ".stack"), ...others }: RunOptions,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = performance.now();
  exitOnBug();
  const report = terminalReport();
  const stopRequested = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => {
      report.line("stopping …");
      resolve();
    }, { once: true })
  );
  const common = { dataDir, report, signal };
  try {
    await using parts = new AsyncDisposableStack();
    const { env, stop } = await startStack({ root, ...others, ...common });
    parts.defer(stop);
    const page = await startStatusPage({ env, port: dashboardPort, ...common });
    if (page) {
      parts.defer(page.stop);
      writeEnvFile(join(dataDir, "env"), { ...env, STATUS_PAGE_URL: page.url });
    }
    const isOther = resolve(root) !== REPOSITORY;
    report.line(summary(env, page?.url, isOther ? ` -- --project ${relative(".", root)}` : ""));
    for (const path of await seenByGit(root, [dataDir, FUNCTION_ENV])) {
      report.line(`git does not ignore ${path}, which holds secrets: add it to .gitignore`);
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    report.line(`ready in ${seconds} s — Ctrl-C stops it`);
    await stopRequested;
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    report.end();
    say(error instanceof StackError ? `\n${error.message}` : Deno.inspect(error), console.error);
    return 1;
  }
}

/** The environment of the functions, which a start makes of its example. */
const FUNCTION_ENV = join("supabase", "functions", ".env");

/** Those of some paths of a project that git would take for a part of it; none where there is no git to be asked. */
export async function seenByGit(root: string, paths: string[]): Promise<string[]> {
  const seen = [];
  for (const path of paths.map((path) => relative(root, resolve(root, path)))) {
    if (path.startsWith("..")) continue;
    try {
      // 0: it is ignored, 1: it is not, 128: this is no repository.
      const { code } = await new Deno.Command("git", {
        args: ["check-ignore", "-q", path],
        cwd: root,
      })
        .output();
      if (code === 1) seen.push(path);
    } catch {
      return [];
    }
  }
  return seen;
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
