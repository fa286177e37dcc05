import { parse } from "dotenv";
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ApiKeys } from "./keys.ts";

/** What another program needs to use the running stack. */
export type StackEnv = {
  API_URL: string;
  DB_URL: string;
  WEBHOOK_URL: string;
  CLERK_WEBHOOK_SECRET: string;
  SECRET_KEY: string;
  PUBLISHABLE_KEY: string;
  JWT_SECRET: string;
  /** The `iss` of session tokens that the stack accepts in Clerk's place. */
  CLERK_ISSUER: string;
  /** Signs them: a private JWK, as `encodeSigningKey` writes it. */
  CLERK_SIGNING_KEY: string;
  /** Where there is one. */
  STATUS_PAGE_URL?: string;
};

/** Writes the environment in dotenv form: the file is there exactly while the stack is ready. */
export function writeEnvFile(file: string, env: StackEnv): void {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  writeSecretFile(file, lines.join(""));
}

/**
 * The user's own environment of the functions: supabase/functions/.env, as `supabase functions serve` reads it.
 * At the first start it is made from .env.example, with a webhook secret of its own.
 */
export function readFunctionEnv(root: string): Record<string, string> {
  const file = join(root, "supabase", "functions", ".env");
  const example = `${file}.example`;
  if (!existsSync(file) && existsSync(example)) {
    writeSecretFile(file, withRandomSecret(Deno.readTextFileSync(example)));
  }
  if (!existsSync(file)) return {};
  const entries = Object.entries(parse(Deno.readTextFileSync(file)));
  // Supabase refuses user secrets with its own prefix, hosted and local.
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith("SUPABASE_")));
}

/** The same environment with a key that Clerk's session tokens are checked with, unless it names one. */
export function withClerkKey(env: Record<string, string>, pem: string): Record<string, string> {
  return env.CLERK_JWT_KEY ? env : { ...env, CLERK_JWT_KEY: pem };
}

/**
 * The same environment with a webhook secret, unless it names one: that of a project whose .env knows nothing of webhooks is
 * made of a secret that the stack keeps, so that it stays the same.
 */
export function withWebhookSecret(
  env: Record<string, string>,
  kept: string,
): Record<string, string> {
  if (env.CLERK_WEBHOOK_SECRET) return env;
  const secret = createHmac("sha256", kept).update("CLERK_WEBHOOK_SECRET").digest("base64");
  return { ...env, CLERK_WEBHOOK_SECRET: `whsec_${secret}` };
}

/** What Supabase itself gives to every function. */
export function supabaseEnv(apiUrl: string, dbUrl: string, keys: ApiKeys): Record<string, string> {
  return {
    SUPABASE_URL: apiUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
    SUPABASE_ANON_KEY: keys.publishable,
    SUPABASE_SERVICE_ROLE_KEY: keys.secret,
    SUPABASE_DB_URL: dbUrl,
  };
}

function withRandomSecret(example: string): string {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  return example.replace(/^CLERK_WEBHOOK_SECRET=.*$/m, `CLERK_WEBHOOK_SECRET=${secret}`);
}

/** Writes a file that only its owner can read, whole or not at all, and never where a symbolic link leads. */
export function writeSecretFile(file: string, text: string): void {
  const part = `${file}.part`;
  rmSync(part, { force: true });
  // What is there already is never opened: a link would be followed.
  Deno.writeTextFileSync(part, text, { mode: 0o600, createNew: true });
  Deno.renameSync(part, file);
}
