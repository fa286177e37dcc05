import { join, resolve } from "node:path";
import { DASHBOARD_PORT } from "../dashboard/server.ts";
import { keepDeno, REPOSITORY } from "./deno_process.ts";
import type { StackEnv } from "./env_file.ts";
import type { KeptProcess } from "./keep_alive.ts";
import { openLog } from "./log_file.ts";
import { HOST, portOrFree } from "./ports.ts";
import { type Report, StackError } from "./report.ts";

/** What starting it takes. */
type StatusPageOptions = {
  env: Pick<StackEnv, "API_URL" | "SECRET_KEY">;
  dataDir: string;
  /** 0: any free port. Without it: the page's own. */
  port?: number | undefined;
  report: Report;
  signal: AbortSignal;
};

/**
 * Serves `npm run dashboard` beside the stack, where its port is taken on a free one; null when that does not work, which is
 * told: the stack goes on without.
 */
export async function startStatusPage(
  { env, dataDir, port: wish = DASHBOARD_PORT, report, signal }: StatusPageOptions,
): Promise<{ url: string; stop(): Promise<void> } | null> {
  const isUp = report.begin("status page");
  const port = await portOrFree(wish);
  const folder = resolve(dataDir);
  const log = openLog(join(folder, "logs", "dashboard.log"), report.line);
  const { SILENT_AFTER_HOURS = "", CLERK_SYNC_SCHEMA = "" } = Deno.env.toObject();
  let kept: KeptProcess;
  try {
    kept = await keepDeno("the status page", { log, signal, onRestart: report.line }, () => ({
      port,
      root: REPOSITORY,
      entrypoint: join(REPOSITORY, "scripts", "cli.ts"),
      permissions: [`--allow-net=${HOST}`, "--allow-env", `--allow-read=${REPOSITORY}`],
      args: ["dashboard", `--port=${port}`],
      env: {
        DENO_DIR: join(folder, "deno"),
        SUPABASE_URL: env.API_URL,
        SUPABASE_SECRET_KEY: env.SECRET_KEY,
        SILENT_AFTER_HOURS,
        CLERK_SYNC_SCHEMA,
      },
      onOutput: (line) => log.write(`${line}\n`),
    }));
  } catch (error) {
    log.close();
    if (!(error instanceof StackError)) throw error;
    isUp(`none: ${error.message}`);
    return null;
  }
  const url = `http://${HOST}:${port}`;
  isUp(port === wish || wish === 0 ? url : `${url} (port ${wish} is taken)`);
  return { url, stop: () => kept.stop().finally(log.close) };
}
