import type { EnvFile } from "../command/env_file.ts";
import { UsageError } from "../command/usage_error.ts";

/** How Clerk is reached. */
export interface ClerkAccess {
  secretKey: string;
  /** Another address than Clerk's own. */
  apiUrl: string | undefined;
  /** Whether the key is a production instance's, `sk_live_…`. */
  isLive: boolean;
  /** When set, the instance that the key has to be of. */
  instanceId: string | null;
}

/** The places to look at, the first one first. */
export interface ClerkSources {
  env: Record<string, string | undefined>;
  /** The environment of the functions on this machine. */
  file: EnvFile;
}

/** Finds Clerk's secret key and checks its form, before anything is sent. Throws a UsageError that never holds it. */
export function resolveClerk({ env, file }: ClerkSources): ClerkAccess {
  const find = (name: string) => env[name]?.trim() || file.values[name]?.trim();
  const secretKey = find("CLERK_SECRET_KEY");
  if (!secretKey) {
    throw new UsageError(
      `CLERK_SECRET_KEY is not set: set it, or put it into ${file.path}. ` +
        "It is in Clerk's Dashboard under API keys.",
    );
  }
  const [, mode] = /^sk_(test|live)_\w+$/.exec(secretKey) ?? [];
  if (!mode) throw new UsageError("CLERK_SECRET_KEY is malformed: it is sk_test_… or sk_live_….");
  const apiUrl = find("CLERK_API_URL");
  if (apiUrl && !isHttpUrl(apiUrl)) {
    throw new UsageError("CLERK_API_URL is not an http or https address.");
  }
  const instanceId = find("CLERK_INSTANCE_ID") || null;
  return { secretKey, apiUrl: apiUrl || undefined, isLive: mode === "live", instanceId };
}

function isHttpUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}
