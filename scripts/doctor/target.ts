import type { EnvFile } from "../command/env_file.ts";
import { UsageError } from "../command/usage_error.ts";
import { KEY_NAMES, parseHttpUrl, resolveSchema } from "../project/project.ts";

/** What is examined. What is not known is null: a check says so. */
export interface Target {
  /** Where it was found, in words. */
  source: string;
  projectUrl: URL | null;
  /** The schema with the sync's tables and RPCs. */
  schema: string;
  secretKey: Named | null;
  publishableKey: string | null;
  /** As it was given: whether it is an address is for a check to say. */
  webhookUrl: string;
  /** One secret or several. */
  webhookSecret: Named | null;
  clerkKey: string | null;
  clerkApiUrl: string | null;
  clerkInstanceId: string | null;
}

/** A secret, and the name of where it was found, which alone is shown. */
interface Named {
  text: string;
  source: string;
}

/** The places to look at. */
interface TargetSources {
  options: {
    url: string | undefined;
    webhookUrl: string | undefined;
    schema?: string | undefined;
  };
  env: Record<string, string | undefined>;
  /** What the running local stack wrote down. */
  stack: EnvFile;
  /** The environment of the functions on this machine: of the local stack alone. */
  functionEnv: EnvFile;
}

/**
 * Finds what is to be examined: in the options and the environment, and, for the local stack, in what it wrote down. The
 * stack's keys are used with the stack alone, and a key of the environment only with a project of the environment.
 */
export function resolveTarget({ options, env, stack, functionEnv }: TargetSources): Target {
  const stackUrl = stack.values.API_URL;
  const wantedUrl = options.url || env.SUPABASE_URL;
  const wantedWebhook = options.webhookUrl || env.WEBHOOK_URL;
  const isElsewhere = Boolean(wantedWebhook) && !isSameOrigin(wantedWebhook, stackUrl);
  const urlText = wantedUrl || (isElsewhere ? undefined : stackUrl);
  if (!urlText && !wantedWebhook) {
    throw new UsageError(
      "Nothing to examine: start the local stack with `npm start`, or set SUPABASE_URL, " +
        "SUPABASE_SECRET_KEY and CLERK_WEBHOOK_SECRET.",
    );
  }
  const projectUrl = urlText ? parseHttpUrl(urlText) : null;
  const local = isSameOrigin(urlText, stackUrl) ? stack.values : {};
  const key = named(env, KEY_NAMES);
  if (key && !wantedUrl) {
    throw new UsageError(`${key.source} is set, but no project: give --url or SUPABASE_URL.`);
  }
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const clerkEnv = local.API_URL ? { ...functionEnv.values, ...set } : set;
  return {
    source: local.API_URL ? stack.path : "the environment",
    projectUrl,
    schema: resolveSchema({ options, env }),
    secretKey: key ?? from(local.SECRET_KEY, stack.path),
    publishableKey: env.SUPABASE_PUBLISHABLE_KEY || env.SUPABASE_ANON_KEY ||
      local.PUBLISHABLE_KEY || null,
    webhookUrl: wantedWebhook || local.WEBHOOK_URL ||
      new URL("/functions/v1/clerk-webhook", projectUrl!).href,
    webhookSecret: named(env, ["CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"]) ??
      (isElsewhere ? null : from(local.CLERK_WEBHOOK_SECRET, stack.path)),
    clerkKey: clerkEnv.CLERK_SECRET_KEY?.trim() || null,
    clerkApiUrl: clerkEnv.CLERK_API_URL?.trim() || null,
    clerkInstanceId: clerkEnv.CLERK_INSTANCE_ID?.trim() || null,
  };
}

function named(env: Record<string, string | undefined>, names: string[]): Named | null {
  const source = names.find((name) => env[name]);
  return source ? from(env[source], source) : null;
}

function from(text: string | undefined, source: string): Named | null {
  return text ? { text, source } : null;
}

function isSameOrigin(one: string | undefined, other: string | undefined): boolean {
  const origin = URL.parse(one ?? "")?.origin;
  return origin !== undefined && origin === URL.parse(other ?? "")?.origin;
}
