import { type Env, isHttpUrl } from "./env.ts";

/** Keys of a project by their names. */
export type NamedKeys = Record<string, string>;

/** The Supabase project that a function belongs to. */
export interface Project {
  url: string;
  /** The key that the functions call the RPCs with: they are for `service_role` alone. */
  secretKey: string;
  /** Every secret key of the project. */
  secretKeys: NamedKeys;
}

/**
 * Reads the project from what Supabase gives every function, and what is wrong with it, in words that hold no key. The
 * keys come from `SUPABASE_SECRET_KEYS` (a JSON object of named keys), else from `SUPABASE_SERVICE_ROLE_KEY`.
 */
export function readProject(env: Env): Project & { problems: string[] } {
  const problems: string[] = [];
  const url = env("SUPABASE_URL") ?? "";
  if (!isHttpUrl(url)) problems.push("SUPABASE_URL is missing or not an HTTP URL");

  const secretKeys = secretKeysOf(env);
  const secretKey = secretKeys.default ?? Object.values(secretKeys)[0] ?? "";
  if (!secretKey) {
    problems.push("neither SUPABASE_SECRET_KEYS nor SUPABASE_SERVICE_ROLE_KEY holds a key");
  }
  return { url, secretKey, secretKeys, problems };
}

function secretKeysOf(env: Env): NamedKeys {
  const named = parseKeys(env("SUPABASE_SECRET_KEYS"));
  if (Object.keys(named).length > 0) return named;
  const only = env("SUPABASE_SERVICE_ROLE_KEY");
  return only ? { default: only } : {};
}

/** Named keys in JSON; none when it is absent, not JSON or holds no key. */
export function parseKeys(json: string | undefined): NamedKeys {
  let keys: unknown;
  try {
    keys = JSON.parse(json ?? "");
  } catch {
    return {};
  }
  if (typeof keys !== "object" || keys === null) return {};
  const isKey = (entry: [string, unknown]): entry is [string, string] =>
    typeof entry[1] === "string" && entry[1] !== "";
  return Object.fromEntries(Object.entries(keys).filter(isKey));
}
