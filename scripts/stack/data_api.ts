import { join } from "node:path";
import type { StackConfig } from "./config.ts";
import type { DataApiUrls } from "./data_api_connection.ts";
import { spawnDeno } from "./deno_process.ts";
import { keepAlive, type KeptProcess } from "./keep_alive.ts";
import type { ApiKeys } from "./keys.ts";
import type { LogFile } from "./log_file.ts";
import { answers, freePort, HOST } from "./ports.ts";

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
export type DataApiOptions = Omit<DataApiSettings, "port"> & {
  cacheDir: string;
  log: LogFile;
  signal: AbortSignal;
  onRestart: (message: string) => void;
};

/** Starts the Data API on a port of its own, and keeps it alive. Every error it logs goes to its log file. */
export async function startDataApi(options: DataApiOptions): Promise<DataApi> {
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
