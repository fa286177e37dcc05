import { rmSync } from "node:fs";
import { join } from "node:path";
import { encodeSigningKey } from "../token/session_tokens.ts";
import { readConfig } from "./config.ts";
import { type DataDir, emptyDataDir, openDataDir } from "./data_dir.ts";
import { startDatabase } from "./database.ts";
import {
  readFunctionEnv,
  type StackEnv,
  withClerkKey,
  withWebhookSecret,
  writeEnvFile,
} from "./env_file.ts";
import { startGateway } from "./gateway.ts";
import { createClerkIssuer, issuersOf, JWKS_PATH } from "./check_token.ts";
import { loadKeys } from "./keys.ts";
import { openLog } from "./log_file.ts";
import { claimPorts, HOST } from "./ports.ts";
import { stopLeftover } from "./postgres.ts";
import { clusterOf, type PostgresHome, postgresHome, removeAwayFolder } from "./postgres_home.ts";
import type { Report } from "./report.ts";
import { SUPERUSER } from "./roles.ts";
import { startServices } from "./services.ts";

/** Which project to serve, and where. */
export type StackOptions = {
  /** The folder that holds supabase/ and deno.json. */
  root: string;
  dataDir: string;
  /** 0: any free port. Without it: the one in config.toml. */
  apiPort?: number | undefined;
  dbPort?: number | undefined;
  /** Environment of the functions, in place of supabase/functions/.env. */
  functionEnv?: Record<string, string>;
  /** Begin with an empty database and new keys. */
  fresh?: boolean;
  report: Report;
  /** Ends a start that is under way. */
  signal: AbortSignal;
};

/** A running stack. */
export type Stack = {
  env: StackEnv;
  /** The database as its superuser: for tests, and in no file but keys.json. */
  superuserUrl: string;
  stop(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
};

/** Starts everything; resolves when all of it serves. If one part fails, the others are stopped again. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const parts = new AsyncDisposableStack();
  const dataDir = await openDataDir(options.dataDir);
  parts.defer(dataDir.release);
  const stop = () => parts.disposeAsync();
  const remove = async () => {
    await stop();
    removeAwayFolder(dataDir);
    Deno.removeSync(dataDir.path, { recursive: true });
  };
  try {
    return { ...await startParts(options, dataDir, parts), stop, remove };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Each part, once up, is left in `parts`, which stops them from the last to the first. */
async function startParts(
  options: StackOptions,
  dataDir: DataDir,
  parts: AsyncDisposableStack,
): Promise<Pick<Stack, "env" | "superuserUrl">> {
  const { root, report, signal } = options;
  const config = readConfig(root);
  const envFile = dataDir.file("env");
  rmSync(envFile, { force: true });
  const log = (name: string) => {
    const file = openLog(dataDir.file(join("logs", `${name}.log`)), report.line);
    parts.defer(file.close);
    return file;
  };

  const home = await tidyHome(dataDir, options);
  const { "--api-port": apiPort, "--db-port": dbPort } = await claimPorts({
    "--api-port": options.apiPort ?? config.apiPort,
    "--db-port": options.dbPort ?? config.dbPort,
  });
  signal.throwIfAborted();

  const { api: keys, passwords, clerkSigningKey } = await loadKeys(dataDir.file("keys.json"));
  const apiUrl = `http://${HOST}:${apiPort}`;
  const issuer = await createClerkIssuer(apiUrl, clerkSigningKey);
  const ownEnv = withWebhookSecret(options.functionEnv ?? readFunctionEnv(root), keys.jwtSecret);
  // A function that asks Clerk for its key must go on asking, once the tokens are Clerk's.
  const functionEnv = config.clerkDomain ? ownEnv : withClerkKey(ownEnv, issuer.pem);
  const shared = { root, parts, log, report, signal };
  const urls = await startDatabase({ ...shared, home, port: dbPort, passwords });
  signal.throwIfAborted();

  const cacheDir = dataDir.file("deno");
  const services = { ...shared, config, keys, functionEnv, apiUrl, urls, cacheDir };
  const { dataApi, functions } = await startServices(services);
  const gateway = startGateway({
    port: apiPort,
    dataApi,
    functions,
    jwtSecret: keys.jwtSecret,
    issuers: issuersOf(issuer, config.clerkDomain),
    jwks: { path: JWKS_PATH, body: issuer.jwks },
  });
  parts.defer(gateway.stop);
  signal.throwIfAborted();

  const env = {
    API_URL: apiUrl,
    DB_URL: urls.postgres,
    WEBHOOK_URL: `${apiUrl}/functions/v1/clerk-webhook`,
    // Several are allowed while one is rotated: any of them signs.
    CLERK_WEBHOOK_SECRET: functionEnv.CLERK_WEBHOOK_SECRET?.trim().split(/[\s,]+/)[0] ?? "",
    SECRET_KEY: keys.secret,
    PUBLISHABLE_KEY: keys.publishable,
    JWT_SECRET: keys.jwtSecret,
    CLERK_ISSUER: issuer.issuer,
    CLERK_SIGNING_KEY: encodeSigningKey(clerkSigningKey),
  };
  writeEnvFile(envFile, env);
  parts.defer(() => rmSync(envFile, { force: true }));
  return { env, superuserUrl: urls[SUPERUSER] };
}

/** The server's home without anything that an earlier run left running there, and empty if that is wanted. */
async function tidyHome(dataDir: DataDir, { fresh, report }: StackOptions): Promise<PostgresHome> {
  if (await stopLeftover(clusterOf(dataDir))) {
    report.line("  stopped the PostgreSQL of a killed run");
  }
  if (fresh) {
    removeAwayFolder(dataDir);
    emptyDataDir(dataDir);
  }
  return await postgresHome(dataDir);
}
