import { type Env, listOf, readInstanceId } from "../_shared/env.ts";
import { readProject } from "../_shared/project.ts";

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
  if (!webhookSecrets.every(isSigningSecret)) {
    problems.push("CLERK_WEBHOOK_SECRET holds what is not a signing secret (whsec_ and base64)");
  }

  const { url: supabaseUrl, secretKey, problems: projectProblems } = readProject(env);
  problems.push(...projectProblems);

  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    config: { webhookSecrets, supabaseUrl, secretKey, instanceId: readInstanceId(env) },
  };
}

/** An empty key would let anyone sign: `whsec_` alone is refused. */
function isSigningSecret(secret: string): boolean {
  const encoded = secret.replace(/^whsec_/, "");
  return encoded.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
}
