import type { EnvFile } from "../command/env_file.ts";
import { UsageError } from "../command/usage_error.ts";

/** The Supabase project that is asked. */
export interface Project {
  url: URL;
  secretKey: string;
  /** Where the key was found, in words: the key itself is never shown. */
  keySource: string;
}

/** The places to look at. Keys come from the environment alone: an option can be read in the list of processes. */
export interface ProjectSources {
  options: { url: string | undefined };
  env: Record<string, string | undefined>;
  /** What the running local stack wrote down. */
  stack: EnvFile;
}

/** Names of the secret key, the first one first. */
export const KEY_NAMES = ["SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY"];

/** Finds the project and its key: both of the environment or both of the local stack, so that no key goes elsewhere. */
export function resolveProject({ options, env, stack }: ProjectSources): Project {
  const keyName = KEY_NAMES.find((name) => env[name]);
  const key = keyName && env[keyName];
  const wanted = options.url || env.SUPABASE_URL;
  if (key && !wanted) {
    throw new UsageError(`${keyName} is set, but no project: give --url or SUPABASE_URL.`);
  }
  if (key && wanted) {
    if (key.startsWith("sb_publishable_")) {
      throw new UsageError(`${keyName} is a publishable key; the secret one is needed.`);
    }
    return { url: parseHttpUrl(wanted), secretKey: key, keySource: keyName };
  }
  const { API_URL: stackUrl, SECRET_KEY: stackKey } = stack.values;
  if (
    !stackUrl || !stackKey ||
    (wanted && parseHttpUrl(wanted).origin !== URL.parse(stackUrl)?.origin)
  ) {
    throw new UsageError(
      "No project, or no key for it: start the local stack with `npm start`, " +
        "or set SUPABASE_URL and SUPABASE_SECRET_KEY.",
    );
  }
  return { url: parseHttpUrl(stackUrl), secretKey: stackKey, keySource: stack.path };
}

/** An address of HTTP; throws a UsageError. */
export function parseHttpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError("The project's URL is not an http or https address.");
  }
  return url;
}
