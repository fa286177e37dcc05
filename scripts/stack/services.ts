import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { FunctionConfig, StackConfig } from "./config.ts";
import type { DataApiUrls } from "./data_api_connection.ts";
import type { Shared } from "./database.ts";
import { keepDeno, REPOSITORY } from "./deno_process.ts";
import { supabaseEnv } from "./env_file.ts";
import type { KeptProcess } from "./keep_alive.ts";
import type { ApiKeys } from "./keys.ts";
import { lackIn, readable } from "./log_file.ts";
import { freePort, HOST } from "./ports.ts";
import { StackError } from "./report.ts";

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

/** The functions of the sync, without which there is no stack. */
const OURS = ["clerk-webhook", "sync-from-clerk"];

/** Serves one function as a process of its own, and keeps it alive. One of the app's that does not start is told. */
async function startFunction(
  options: ServiceOptions,
  wanted: FunctionConfig,
): Promise<ServedFunction> {
  const { name, entrypoint, verifyJwt } = wanted;
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
  const { modules, fetching } = modulesOf(root, wanted);
  let kept: KeptProcess;
  try {
    kept = await keepDeno(`function ${name}`, { log, signal, onRestart: report.line }, () => {
      port = freePort();
      return {
        port,
        root,
        entrypoint,
        permissions: functionPermissions(root),
        modules,
        env: {
          ...functionEnv,
          ...supabaseEnv(apiUrl, urls.postgres, keys),
          ...fetching,
          DENO_DIR: cacheDir,
          DENO_SERVE_ADDRESS: `tcp:${HOST}:${port}`,
        },
        onOutput: hear,
      };
    });
  } catch (error) {
    if (OURS.includes(name) || !(error instanceof StackError)) throw error;
    isUp(`/functions/v1/${name}: none, for it does not start; the rest goes on`);
    return { name, verifyJwt, url: () => "", isUp: () => false, stop: () => Promise.resolve() };
  }
  isStarting = false;
  isUp(
    `/functions/v1/${name}${lack ? `: ${lack}` : verifyJwt ? " (with a JWT)" : " (without a JWT)"}`,
  );
  return { ...kept, name, verifyJwt, url: () => `http://${HOST}:${port}` };
}

/**
 * How a function's modules are found, as flags, and what of this process's environment fetching them takes. Ours are the
 * packages that are installed here; another one's are fetched, unless the project has a deno.json of its own.
 */
function modulesOf(
  root: string,
  { name, importMap }: FunctionConfig,
): { modules?: string[]; fetching?: Record<string, string> } {
  const config = join(REPOSITORY, "deno.json");
  if (OURS.includes(name) && importMap) {
    return { modules: [`--config=${config}`, `--import-map=${importMap}`] };
  }
  if (!importMap && existsSync(join(root, "deno.json"))) return {};
  const isConfig = importMap && /^deno\.jsonc?$/.test(basename(importMap));
  const found = isConfig
    ? [`--config=${importMap}`]
    : ["--no-config", ...importMap ? [`--import-map=${importMap}`] : []];
  const { env } = Deno;
  const handedOn = FETCHING.flatMap((name) => env.has(name) ? [[name, env.get(name)!]] : []);
  return {
    modules: [...found, "--no-lock", "--node-modules-dir=none"],
    fetching: { ...Object.fromEntries(handedOn), DENO_NO_PACKAGE_JSON: "1" },
  };
}

/** Where Deno gets packages, and by which way. */
const FETCHING = [
  "NPM_CONFIG_REGISTRY",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "SSL_CERT_FILE",
];

/** As on Supabase: the network and the environment, but no programs, no native code, no writing. */
export function functionPermissions(root: string): string[] {
  const packages = [root, REPOSITORY].map((folder) => join(folder, "node_modules"));
  const readable = [join(root, "supabase", "functions"), ...new Set(packages)];
  return ["--allow-net", "--allow-env", `--allow-read=${readable.join(",")}`];
}
