import { join } from "node:path";
import type { FunctionConfig, StackConfig } from "./config.ts";
import type { DataApiUrls } from "./data_api_connection.ts";
import type { Shared } from "./database.ts";
import { spawnDeno } from "./deno_process.ts";
import { supabaseEnv } from "./env_file.ts";
import { keepAlive, type KeptProcess } from "./keep_alive.ts";
import type { ApiKeys } from "./keys.ts";
import type { LogFile } from "./log_file.ts";
import { answers, freePort, HOST } from "./ports.ts";

/** What the services need besides. */
type ServiceOptions = Shared & {
  config: StackConfig;
  keys: ApiKeys;
  /** The environment of the functions besides what Supabase gives them. */
  functionEnv: Record<string, string>;
  apiUrl: string;
  urls: DataApiUrls;
  /** Where Deno keeps what it compiled. */
  cacheDir: string;
};

/** Starts the Data API and all functions, at the same time. */
export async function startServices(
  options: ServiceOptions,
): Promise<{ dataApi: DataApi; functions: ServedFunction[] }> {
  const { config, parts } = options;
  const starting: [Promise<DataApi>, ...Promise<ServedFunction>[]] = [
    serveDataApi(options),
    ...config.functions.map((wanted) => serveFunction(options, wanted)),
  ];
  const results = await Promise.allSettled<KeptProcess>(starting);
  for (const result of results) {
    if (result.status === "fulfilled") parts.defer(result.value.stop);
  }
  const [dataApi, ...functions] = await Promise.all(starting);
  return { dataApi, functions };
}

async function serveDataApi(options: ServiceOptions): Promise<DataApi> {
  const { config, keys, urls, cacheDir, log, report, signal } = options;
  const startedAt = performance.now();
  const onRestart = report.line;
  const api = await startDataApi({
    urls: { authenticator: urls.authenticator, postgres: urls.postgres },
    config,
    keys,
    cacheDir,
    log: log("data-api"),
    signal,
    onRestart,
  });
  report.step("Data API", startedAt, "/rest/v1");
  return api;
}

async function serveFunction(
  options: ServiceOptions,
  wanted: FunctionConfig,
): Promise<ServedFunction> {
  const { root, config, keys, functionEnv, apiUrl, urls, cacheDir, log, report, signal } = options;
  const startedAt = performance.now();
  const prefix = config.functions.length > 1 ? `[${wanted.name}] ` : "";
  const served = await startFunction(wanted, {
    root,
    env: { ...functionEnv, ...supabaseEnv(apiUrl, urls.postgres, keys) },
    cacheDir,
    log: log(`function-${wanted.name}`),
    onOutput: (line) => report.line(prefix + line),
    signal,
    onRestart: report.line,
  });
  const access = wanted.verifyJwt ? "with a JWT" : "without a JWT";
  report.step("function", startedAt, `/functions/v1/${wanted.name} (${access})`);
  return served;
}

/** What the process of the Data API is told. */
export type DataApiSettings = {
  port: number;
  urls: DataApiUrls;
  config: StackConfig;
  keys: ApiKeys;
};

/** The running Data API. */
export type DataApi = KeptProcess & { url: string };

/** What starting it takes. */
type DataApiOptions = Omit<DataApiSettings, "port"> & {
  cacheDir: string;
  log: LogFile;
  signal: AbortSignal;
  onRestart: (message: string) => void;
};

/** Starts the Data API on a port of its own, and keeps it alive. Every error it logs goes to its log file. */
async function startDataApi(options: DataApiOptions): Promise<DataApi> {
  const { urls, config, keys, cacheDir, log, signal, onRestart } = options;
  const port = freePort();
  const settings: DataApiSettings = { port, urls, config, keys };
  const kept = await keepAlive({
    name: "the Data API",
    spawn: () =>
      spawnDeno({
        // The stack's own program: its packages are the stack's, whichever project is served.
        root: join(import.meta.dirname!, "..", ".."),
        entrypoint: join(import.meta.dirname!, "data_api_server.ts"),
        permissions: ["--allow-all"],
        env: { DENO_DIR: cacheDir, DATA_API: JSON.stringify(settings) },
        onOutput: (line) => log.write(`${line}\n`),
      }),
    isReady: () => answers(port),
    attempts: 3,
    stopSignal: "SIGTERM",
    forceSignal: "SIGKILL",
    signal,
    onRestart,
    lastWords: log.tail,
  });
  return { ...kept, url: `http://${HOST}:${port}` };
}

/** A function that is being served. */
export type ServedFunction = KeptProcess & {
  name: string;
  verifyJwt: boolean;
  /** Where it listens: another port after each restart. */
  url(): string;
};

/** What serving a function takes. */
type FunctionOptions = {
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
async function startFunction(
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
