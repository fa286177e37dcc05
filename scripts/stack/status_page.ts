import { join, resolve } from "node:path";
import { DASHBOARD_PORT } from "../dashboard/options.ts";
import { spawnDeno } from "./deno_process.ts";
import type { StackEnv } from "./env_file.ts";
import { keepAlive } from "./keep_alive.ts";
import { openLog } from "./log_file.ts";
import { answers, claimPort, HOST } from "./ports.ts";
import { type Report, StackError } from "./report.ts";

/** The running page. */
type StatusPage = { url: string; stop(): Promise<void> };

/** What starting it takes. */
type StatusPageOptions = {
  env: Pick<StackEnv, "API_URL" | "SECRET_KEY">;
  dataDir: string;
  /** 0: any free port. Without it: the page's own. */
  port?: number | undefined;
  report: Report;
  signal: AbortSignal;
};

/** The stack's own program: its packages are the stack's, whichever project is served. */
const REPOSITORY = join(import.meta.dirname!, "..", "..");

/** Serves `npm run dashboard` beside the stack; null when that does not work, which is told: the stack goes on without. */
export async function startStatusPage(options: StatusPageOptions): Promise<StatusPage | null> {
  try {
    return await start(options);
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    options.report.line(`  no status page: ${error.message}`);
    return null;
  }
}

async function start(options: StatusPageOptions): Promise<StatusPage> {
  const { env, dataDir, report, signal } = options;
  const startedAt = performance.now();
  const port = await claimPort(options.port ?? DASHBOARD_PORT, "--dashboard-port");
  const folder = resolve(dataDir);
  const log = openLog(join(folder, "logs", "dashboard.log"), report.line);
  const silentAfterHours = Deno.env.get("SILENT_AFTER_HOURS");
  try {
    const kept = await keepAlive({
      name: "the status page",
      spawn: () =>
        spawnDeno({
          root: REPOSITORY,
          entrypoint: join(REPOSITORY, "scripts", "dashboard.ts"),
          permissions: [`--allow-net=${HOST}`, "--allow-env", `--allow-read=${REPOSITORY}`],
          args: [`--port=${port}`],
          env: {
            DENO_DIR: join(folder, "deno"),
            SUPABASE_URL: env.API_URL,
            SUPABASE_SECRET_KEY: env.SECRET_KEY,
            ...(silentAfterHours && { SILENT_AFTER_HOURS: silentAfterHours }),
          },
          onOutput: (line) => log.write(`${line}\n`),
        }),
      isReady: () => answers(port),
      attempts: 1,
      stopSignal: "SIGTERM",
      forceSignal: "SIGKILL",
      signal,
      onRestart: report.line,
      lastWords: log.tail,
    });
    const url = `http://${HOST}:${port}`;
    report.step("status page", startedAt, url);
    return { url, stop: () => kept.stop().finally(log.close) };
  } catch (error) {
    log.close();
    throw error;
  }
}
