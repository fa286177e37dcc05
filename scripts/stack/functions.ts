import { join } from "node:path";
import type { FunctionConfig } from "./config.ts";
import { spawnDeno } from "./deno_process.ts";
import { keepAlive, type KeptProcess } from "./keep_alive.ts";
import type { LogFile } from "./log_file.ts";
import { answers, freePort, HOST } from "./ports.ts";

/** A function that is being served. */
export type ServedFunction = KeptProcess & {
  name: string;
  verifyJwt: boolean;
  /** Where it listens: another port after each restart. */
  url(): string;
};

/** What serving a function takes. */
export type FunctionOptions = {
  root: string;
  env: Record<string, string>;
  cacheDir: string;
  log: LogFile;
  /** Told every line that the function writes. */
  onOutput: (line: string) => void;
  signal: AbortSignal;
  onRestart: (message: string) => void;
};

/** Serves one function as a process of its own, and keeps it alive. */
export async function startFunction(
  { name, entrypoint, verifyJwt }: FunctionConfig,
  { root, env, cacheDir, log, onOutput, signal, onRestart }: FunctionOptions,
): Promise<ServedFunction> {
  let port = 0;
  const hear = (line: string) => {
    // Deno.serve's own greeting names a port that is nobody's business.
    if (line.includes(`http://${HOST}:${port}/`)) return;
    log.write(`${line}\n`);
    onOutput(line);
  };
  const spawn = () => {
    port = freePort();
    return spawnDeno({
      root,
      entrypoint,
      permissions: functionPermissions(root),
      env: { ...env, DENO_DIR: cacheDir, DENO_SERVE_ADDRESS: `tcp:${HOST}:${port}` },
      onOutput: hear,
    });
  };
  const kept = await keepAlive({
    name: `function ${name}`,
    spawn,
    isReady: () => answers(port),
    attempts: 1,
    stopSignal: "SIGTERM",
    forceSignal: "SIGKILL",
    signal,
    onRestart,
    lastWords: log.tail,
  });
  return { ...kept, name, verifyJwt, url: () => `http://${HOST}:${port}` };
}

/** As on Supabase: the network and the environment, but no programs, no native code, no writing. */
export function functionPermissions(root: string): string[] {
  const readable = [join(root, "supabase", "functions"), join(root, "node_modules")];
  return ["--allow-net", "--allow-env", `--allow-read=${readable.join(",")}`];
}
