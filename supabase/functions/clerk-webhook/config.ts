import {
  type Env,
  listOf,
  type NamedKeys,
  readInstanceId,
  readProject,
} from "../_clerk_sync/env.ts";
import type { RateLimitOptions } from "./rate_limits.ts";
import { SECRET_BYTES, secretProblem } from "./signing_secret.ts";
import { REFUSALS_KEPT } from "./stats.ts";

/** The doctor's wrong signature is one; a sign-up makes two or three. */
export const REFUSED_AFTER_EVENTS = 3;

/** What the function needs to work. */
export interface Config {
  /** Svix signing secrets, `whsec_…`; a delivery signed with any of them is accepted. */
  webhookSecrets: string[];
  supabaseUrl: string;
  /** Secret key of the project: the RPCs are for `service_role` alone. */
  secretKey: string;
  /** Every secret key of the project: each opens the metrics. */
  secretKeys: NamedKeys;
  /** When set, events that name another Clerk instance are ignored. */
  instanceId: string | null;
  /** Longer without any event is not healthy; null: never mind. */
  silentAfterHours: number | null;
  /** So many refused events, and none that is entered, are not healthy; null: never mind. */
  refusedAfterEvents: number | null;
  rateLimits: RateLimitOptions;
}

/** The configuration, or what is wrong with it in words that hold no secret. */
export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: string[] };

/**
 * Reads the configuration from the environment. `CLERK_WEBHOOK_SECRET` and `CLERK_WEBHOOK_SIGNING_SECRET` (Clerk's own
 * name) both take a list, separated by commas or spaces.
 */
export function readConfig(env: Env): ConfigResult {
  const problems: string[] = [];

  const webhookSecrets = [
    ...listOf(env("CLERK_WEBHOOK_SECRET")),
    ...listOf(env("CLERK_WEBHOOK_SIGNING_SECRET")),
  ];
  if (webhookSecrets.length === 0) problems.push("CLERK_WEBHOOK_SECRET is not set");
  const secretProblems = webhookSecrets.map(secretProblem);
  if (secretProblems.includes("malformed")) {
    problems.push("CLERK_WEBHOOK_SECRET holds what is not a signing secret (whsec_ and base64)");
  }
  if (secretProblems.includes("short")) {
    problems.push(`CLERK_WEBHOOK_SECRET holds a secret of less than ${SECRET_BYTES} bytes`);
  }

  const { url: supabaseUrl, secretKey, secretKeys, problems: projectProblems } = readProject(env);
  problems.push(...projectProblems);

  const read = (name: string, byDefault: number) => readNumber(env, name, byDefault, problems);
  const silentAfterHours = read("SILENT_AFTER_HOURS", 0) || null;
  const refusedAfterEvents = read("REFUSED_AFTER_EVENTS", REFUSED_AFTER_EVENTS) || null;
  if (refusedAfterEvents !== null && refusedAfterEvents > REFUSALS_KEPT) {
    problems.push(`REFUSED_AFTER_EVENTS is more than ${REFUSALS_KEPT}`);
  }
  const rateLimits = {
    failuresPerMinute: read("RATE_LIMIT_FAILURES_PER_MINUTE", 60),
    verifiedPerSecond: read("RATE_LIMIT_VERIFIED_PER_SECOND", 2000),
  };

  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    config: {
      webhookSecrets,
      supabaseUrl,
      secretKey,
      secretKeys,
      instanceId: readInstanceId(env),
      silentAfterHours,
      refusedAfterEvents,
      rateLimits,
    },
  };
}

/** A whole number of at most six digits; `byDefault` when the variable is absent or empty. */
function readNumber(env: Env, name: string, byDefault: number, problems: string[]): number {
  const text = env(name)?.trim();
  if (!text) return byDefault;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  problems.push(`${name} is not a whole number`);
  return byDefault;
}
