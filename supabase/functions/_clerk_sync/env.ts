import { LOG_LEVELS, type LogLevel } from "./log.ts";

/** Reads a variable of the environment. */
export type Env = (name: string) => string | undefined;

/** What is separated by commas, spaces or lines. */
export function listOf(value: string | undefined): string[] {
  return (value ?? "").split(/[\s,]+/).filter(Boolean);
}

/** Whether it is a URL of HTTP: `localhost:54321` parses as a URL too, whose scheme is `localhost:`. */
export function isHttpUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** `LOG_LEVEL`, in any case; `info` when it is absent or unknown. */
export function readLogLevel(env: Env): LogLevel {
  const wanted = env("LOG_LEVEL")?.trim().toLowerCase();
  return LOG_LEVELS.find((level) => level === wanted) ?? "info";
}

/** `CLERK_INSTANCE_ID`; null when it is absent or empty. */
export function readInstanceId(env: Env): string | null {
  return env("CLERK_INSTANCE_ID")?.trim() || null;
}

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

/**
 * Whether a key is one of these. Digests of them are compared, each of them whole: how long that takes tells nothing about
 * a key.
 */
export async function isOneOf(keys: NamedKeys, key: string): Promise<boolean> {
  const digests = await Promise.all([key, ...Object.values(keys)].map(digestOf));
  const [given, ...known] = digests as [Uint8Array, ...Uint8Array[]];
  return known.filter((digest) => isEqual(digest, given)).length > 0;
}

async function digestOf(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.reduce((difference, byte, index) => difference | (byte ^ b[index]!), 0) === 0;
}
