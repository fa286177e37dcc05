import {
  type CallRpc,
  type CallSource,
  createCallRpc,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { SCHEMA } from "../../supabase/functions/_clerk_sync/schema.ts";
import { parseSchema } from "../add/schema.ts";
import { type EnvFile, readStackFile } from "../command/env_file.ts";
import { UsageError } from "../command/usage_error.ts";

/** The Supabase project that is written to. */
export interface Project {
  url: URL;
  secretKey: string;
  /** Where the key was found, in words: the key itself is never shown. */
  keySource: string;
  /** Where the sync's tables and RPCs are. */
  schema: string;
}

/** How the Data API comes to know a schema, in words. */
export const EXPOSE = "Expose it: Dashboard, Settings, API, Exposed schemas, or [api] schemas of " +
  "config.toml; or name another with --schema.";

/** The places to look at. Keys come from the environment alone: an option can be read in the list of processes. */
export interface ProjectSources {
  options: { url: string | undefined; schema?: string | undefined };
  env: Record<string, string | undefined>;
  /** What the running local stack wrote down. */
  stack: EnvFile;
}

/** Names of the secret key, the first one first. */
export const KEY_NAMES = ["SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY"];

/** Finds the schema with the sync's tables; throws a UsageError. */
export function resolveSchema({ options, env }: Pick<ProjectSources, "options" | "env">): string {
  return parseSchema(options.schema || env.CLERK_SYNC_SCHEMA || SCHEMA);
}

/**
 * Finds the project's URL and its secret key: both from the options and the environment, or both from the local stack. A
 * key never goes to an address that it was not found with.
 */
export function resolveProject({ options, env, stack }: ProjectSources): Project {
  const { API_URL: stackUrl, SECRET_KEY: stackKey } = stack.values;
  const schema = resolveSchema({ options, env });
  const urlText = options.url || env.SUPABASE_URL;
  const keyName = KEY_NAMES.find((name) => env[name]);
  const key = keyName && env[keyName];
  if (key && !urlText) {
    throw new UsageError(
      `${keyName} is set, but no project: give --url or SUPABASE_URL, or unset the key ` +
        "to use the local stack.",
    );
  }
  if (key && urlText) {
    const secretKey = checkKey(key, keyName);
    return { url: parseHttpUrl(urlText), secretKey, keySource: keyName, schema };
  }
  const url = parseHttpUrl(urlText || stackUrl || missing());
  if (!stackUrl || !stackKey || url.origin !== new URL(stackUrl).origin) {
    throw new UsageError(
      `No secret key for ${url.host}: set SUPABASE_SECRET_KEY` +
        (stackKey ? "; the local stack's is not sent anywhere else." : "."),
    );
  }
  return { url, secretKey: stackKey, keySource: stack.path, schema };
}

function missing(): never {
  throw new UsageError(
    "No project: start the local stack with `npm start`, or set SUPABASE_URL and SUPABASE_SECRET_KEY.",
  );
}

/** An address of HTTP; throws a UsageError. */
export function parseHttpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError("The project's URL is not an http or https address.");
  }
  return url;
}

function checkKey(key: string, name: string): string {
  if (key.startsWith("sb_publishable_")) {
    throw new UsageError(`${name} is a publishable key; the secret one is needed, sb_secret_….`);
  }
  return key;
}

/** Options of a command that name the project. */
export interface ProjectPlace {
  url?: string | undefined;
  schema?: string | undefined;
  /** The folder of the project, where it is not this one. */
  project?: string | undefined;
  dataDir?: string | undefined;
}

/** Finds the project by the options of a command, this process's environment and the files of the stack. */
export async function findProject({ url, schema, dataDir }: ProjectPlace): Promise<Project> {
  const stack = await readStackFile(dataDir);
  return resolveProject({ options: { url, schema }, env: Deno.env.toObject(), stack });
}

/** The gateway in front of a Data API answers without a code of PostgreSQL's. */
const CODES = new Map([[401, "unauthorized"], [403, "unauthorized"], [404, "no_data_api"]]);

const PROBE_TIMEOUT_MS = 5_000;

/** Calls the RPCs of a project, for a reason. A wrong key, and an address without a Data API, get codes of their own. */
export function createProjectCall(
  { url, secretKey, schema }: Project,
  source?: CallSource,
): CallRpc {
  const callRpc = createCallRpc(url.href, secretKey, schema, source);
  return async (call, signal) => {
    const result = await callRpc(call, signal);
    if (result.kind !== "failed" || result.code !== "unreachable") return result;
    const status = await probe(new URL("/rest/v1/rpc/sync_bound_instance", url), secretKey);
    return { ...result, code: CODES.get(status) ?? result.code };
  };
}

/** The HTTP status of a small call; 0 when there is no answer. */
async function probe(url: URL, key: string): Promise<number> {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  const headers = { apikey: key, "content-type": "application/json" };
  try {
    const { status, body } = await fetch(url, { method: "POST", headers, body: "{}", signal });
    await body?.cancel();
    return status;
  } catch {
    return 0;
  }
}
