import { join } from "node:path";
import type { FunctionConfig, StackConfig } from "./config.ts";
import type { DataApiUrls } from "./data_api_connection.ts";
import type { Shared } from "./database.ts";
import { keepDeno, REPOSITORY } from "./deno_process.ts";
import { supabaseEnv } from "./env_file.ts";
import type { KeptProcess } from "./keep_alive.ts";
import type { ApiKeys } from "./keys.ts";
import { lackIn, readable } from "./log_file.ts";
import { freePort, HOST } from "./ports.ts";

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

/** What the process of the Data API is told. */
export type DataApiSettings = {
  port: number;
  urls: DataApiUrls;
  config: StackConfig;
  keys: ApiKeys;
};

/** The running Data API. */
export type DataApi = KeptProcess & { url: string };

/** A function that is being served. */
export type ServedFunction = KeptProcess & {
  name: string;
  verifyJwt: boolean;
  /** Where it listens: another port after each restart. */
  url(): string;
};

/** Starts the Data API and all functions, at the same time. */
export async function startServices(
  options: ServiceOptions,
): Promise<{ dataApi: DataApi; functions: ServedFunction[] }> {
  const { config, parts } = options;
  const starting: [Promise<DataApi>, ...Promise<ServedFunction>[]] = [
    startDataApi(options),
    ...config.functions.map((wanted) => startFunction(options, wanted)),
  ];
  const results = await Promise.allSettled<KeptProcess>(starting);
  for (const result of results) {
    if (result.status === "fulfilled") parts.defer(result.value.stop);
  }
  const [dataApi, ...functions] = await Promise.all(starting);
  return { dataApi, functions };
}

/** Starts the Data API on a port of its own, and keeps it alive. Every error it logs goes to its log file. */
async function startDataApi(options: ServiceOptions): Promise<DataApi> {
  const { config, keys, cacheDir, report, signal } = options;
  const { authenticator, postgres } = options.urls;
  const isUp = report.begin("Data API");
  const log = options.log("data-api");
  const port = freePort();
  const settings: DataApiSettings = { port, urls: { authenticator, postgres }, config, keys };
  const kept = await keepDeno("the Data API", { log, signal, onRestart: report.line }, () => ({
    port,
    root: REPOSITORY,
    entrypoint: join(import.meta.dirname!, "data_api_server.ts"),
    permissions: ["--allow-all"],
    env: { DENO_DIR: cacheDir, DATA_API: JSON.stringify(settings) },
    onOutput: (line) => log.write(`${line}\n`),
  }), 3);
  isUp("/rest/v1");
  return { ...kept, url: `http://${HOST}:${port}` };
}

/** Serves one function as a process of its own, and keeps it alive. */
async function startFunction(
  options: ServiceOptions,
  { name, entrypoint, verifyJwt }: FunctionConfig,
): Promise<ServedFunction> {
  const { root, config, keys, functionEnv, apiUrl, urls, cacheDir, report, signal } = options;
  const isUp = report.begin("function", name);
  const log = options.log(`function-${name}`);
  const prefix = config.functions.length > 1 ? `[${name}] ` : "";
  let port = 0;
  let isStarting = true;
  let lack: string | null = null;
  const hear = (line: string) => {
    // Deno.serve's own greeting names a port that is nobody's business.
    if (line.includes(`http://${HOST}:${port}/`)) return;
    log.write(`${line}\n`);
    const isTold = isStarting && lackIn(line) !== null;
    if (isTold) lack = lackIn(line);
    else report.line(prefix + readable(line));
  };
  const kept = await keepDeno(`function ${name}`, { log, signal, onRestart: report.line }, () => {
    port = freePort();
    return {
      port,
      root,
      entrypoint,
      permissions: functionPermissions(root),
      env: {
        ...functionEnv,
        ...supabaseEnv(apiUrl, urls.postgres, keys),
        DENO_DIR: cacheDir,
        DENO_SERVE_ADDRESS: `tcp:${HOST}:${port}`,
      },
      onOutput: hear,
    };
  });
  isStarting = false;
  isUp(
    `/functions/v1/${name}${lack ? `: ${lack}` : verifyJwt ? " (with a JWT)" : " (without a JWT)"}`,
  );
  return { ...kept, name, verifyJwt, url: () => `http://${HOST}:${port}` };
}

/** As on Supabase: the network and the environment, but no programs, no native code, no writing. */
export function functionPermissions(root: string): string[] {
  const readable = [join(root, "supabase", "functions"), join(root, "node_modules")];
  return ["--allow-net", "--allow-env", `--allow-read=${readable.join(",")}`];
}
