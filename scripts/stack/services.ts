import type { FunctionConfig, StackConfig } from "./config.ts";
import { type DataApi, startDataApi } from "./data_api.ts";
import type { DataApiUrls } from "./data_api_connection.ts";
import type { Shared } from "./database.ts";
import { supabaseEnv } from "./function_env.ts";
import { type ServedFunction, startFunction } from "./functions.ts";
import type { KeptProcess } from "./keep_alive.ts";
import type { ApiKeys } from "./keys.ts";

/** What the services need besides. */
export type ServiceOptions = Shared & {
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
