import { LOG_LEVELS, type LogLevel } from "../_shared/log.ts";

/** What the function needs to work. */
export interface Config {
  /** Svix signing secrets, `whsec_…`; a delivery signed with any of them is accepted. */
  webhookSecrets: string[];
  supabaseUrl: string;
  /** Secret key of the project: the RPCs are for `service_role` alone. */
  secretKey: string;
  /** When set, events that name another Clerk instance are ignored. */
  instanceId: string | null;
}

/** The configuration, or what is wrong with it in words that hold no secret. */
export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: string[] };

type Env = (name: string) => string | undefined;

/**
 * Reads the configuration from the environment. `CLERK_WEBHOOK_SECRET` and `CLERK_WEBHOOK_SIGNING_SECRET` (Clerk's own
 * name) both take a list, separated by commas or spaces. The key comes from `SUPABASE_SECRET_KEYS` (a JSON object of
 * named keys), else from `SUPABASE_SERVICE_ROLE_KEY`.
 */
export function readConfig(env: Env): ConfigResult {
  const problems: string[] = [];

  const webhookSecrets = [
    ...listOf(env("CLERK_WEBHOOK_SECRET")),
    ...listOf(env("CLERK_WEBHOOK_SIGNING_SECRET")),
  ];
  if (webhookSecrets.length === 0) problems.push("CLERK_WEBHOOK_SECRET is not set");
  if (!webhookSecrets.every(isSigningSecret)) {
    problems.push("CLERK_WEBHOOK_SECRET holds what is not a signing secret (whsec_ and base64)");
  }

  const supabaseUrl = env("SUPABASE_URL") ?? "";
  if (!isHttpUrl(supabaseUrl)) problems.push("SUPABASE_URL is missing or not an HTTP URL");

  const secretKey = secretKeyOf(env);
  if (!secretKey) {
    problems.push("neither SUPABASE_SECRET_KEYS nor SUPABASE_SERVICE_ROLE_KEY holds a key");
  }

  if (problems.length > 0) return { ok: false, problems };
  const instanceId = env("CLERK_INSTANCE_ID")?.trim() || null;
  return { ok: true, config: { webhookSecrets, supabaseUrl, secretKey, instanceId } };
}

/** `LOG_LEVEL`, in any case; `info` when it is absent or unknown. */
export function readLogLevel(env: Env): LogLevel {
  const wanted = env("LOG_LEVEL")?.trim().toLowerCase();
  return LOG_LEVELS.find((level) => level === wanted) ?? "info";
}

function listOf(value: string | undefined): string[] {
  return (value ?? "").split(/[\s,]+/).filter(Boolean);
}

/** `localhost:54321` parses as a URL too, whose scheme is `localhost:`. */
function isHttpUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** An empty key would let anyone sign: `whsec_` alone is refused. */
function isSigningSecret(secret: string): boolean {
  const encoded = secret.replace(/^whsec_/, "");
  return encoded.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
}

function secretKeyOf(env: Env): string {
  try {
    const keys: unknown = JSON.parse(env("SUPABASE_SECRET_KEYS") ?? "");
    if (typeof keys === "object" && keys !== null) {
      const named = keys as Record<string, unknown>;
      const key = named.default ?? Object.values(named)[0];
      if (typeof key === "string" && key) return key;
    }
  } catch {
    // Absent or not JSON: the older name may still be there.
  }
  return env("SUPABASE_SERVICE_ROLE_KEY") ?? "";
}
