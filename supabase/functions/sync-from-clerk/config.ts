import { createPublicKey } from "node:crypto";
import {
  type Env,
  isHttpUrl,
  listOf,
  type NamedKeys,
  parseKeys,
  type Project,
  readInstanceId,
  readProject,
} from "../_clerk_sync/env.ts";

/** What the function needs to work. */
export interface Config {
  project: Project;
  /** Publishable keys of the project: they open nothing, but they are not wrong either. */
  publishableKeys: NamedKeys;
  clerk: {
    secretKey: string;
    /** Another address than Clerk's own. */
    apiUrl: string | undefined;
    /** The instance's public key as PEM; null: Clerk is asked for it. */
    jwtKey: string | null;
    /** When there are any, a token must be made for one of these origins (`azp`). */
    authorizedParties: string[];
    /** When there are any, a token must be of one of these (`iss`). */
    issuers: string[];
    /** When set, the instance that the secret key has to be of. */
    instanceId: string | null;
  };
}

/** The configuration, or what is wrong with it in words that hold no secret. */
export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: string[] };

/** Reads the configuration from the environment. */
export function readConfig(env: Env): ConfigResult {
  const { problems, ...project } = readProject(env);

  const secretKey = env("CLERK_SECRET_KEY")?.trim() ?? "";
  if (!secretKey) problems.push("CLERK_SECRET_KEY is not set");
  else if (!/^sk_(test|live)_\w+$/.test(secretKey)) {
    problems.push("CLERK_SECRET_KEY is no secret key (sk_test_… or sk_live_…)");
  }

  const jwtKeyText = env("CLERK_JWT_KEY")?.trim();
  const jwtKey = jwtKeyText ? toPem(jwtKeyText) : null;
  if (jwtKeyText && !jwtKey) problems.push("CLERK_JWT_KEY is no RSA public key in PEM form");

  const apiUrl = env("CLERK_API_URL")?.trim() || undefined;
  if (apiUrl && !isHttpUrl(apiUrl)) problems.push("CLERK_API_URL is not an HTTP URL");

  const issuers = listOf(env("CLERK_ISSUER"));
  if (!issuers.every(isHttpUrl)) problems.push("CLERK_ISSUER holds what is not an HTTP URL");

  if (!listOf(env("SYNC_ALLOWED_ORIGINS")).every(isOrigin)) {
    problems.push("SYNC_ALLOWED_ORIGINS holds what is not an origin (https://app.example.com)");
  }
  if (problems.length > 0) return { ok: false, problems };

  const publishableKeys = parseKeys(env("SUPABASE_PUBLISHABLE_KEYS"));
  const anonKey = env("SUPABASE_ANON_KEY");
  const authorizedParties = listOf(env("CLERK_AUTHORIZED_PARTIES"));
  const instanceId = readInstanceId(env);
  return {
    ok: true,
    config: {
      project,
      publishableKeys: anonKey ? { anon: anonKey, ...publishableKeys } : publishableKeys,
      clerk: { secretKey, apiUrl, jwtKey, authorizedParties, issuers, instanceId },
    },
  };
}

/** `SYNC_ALLOWED_ORIGINS`, in what of it is an origin: a list, separated by commas or spaces. */
export function readAllowedOrigins(env: Env): string[] {
  return listOf(env("SYNC_ALLOWED_ORIGINS")).filter(isOrigin);
}

/** Scheme, host and port, as browsers write it: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Origin */
function isOrigin(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#@*A-Z]+$/.test(text);
}

/**
 * As PEM with its line breaks, which variables of an environment lose or write as `\n`. A line has 64 characters (RFC 7468),
 * and the Edge Runtime reads no longer one.
 */
function toPem(text: string): string | null {
  const base64 = text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, "").replace(/\\n|\s/g, "");
  const lines = base64.match(/.{1,64}/g) ?? [];
  const pem = ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----"].join("\n");
  try {
    return createPublicKey(pem).asymmetricKeyType === "rsa" ? pem : null;
  } catch {
    return null;
  }
}
