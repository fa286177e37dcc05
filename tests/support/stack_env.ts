import type { StackEnv } from "../../scripts/stack/env_file.ts";

const NAMES = [
  "API_URL",
  "DB_URL",
  "WEBHOOK_URL",
  "CLERK_WEBHOOK_SECRET",
  "SECRET_KEY",
  "PUBLISHABLE_KEY",
  "JWT_SECRET",
  "CLERK_ISSUER",
  "CLERK_SIGNING_KEY",
] as const satisfies (keyof StackEnv)[];

/** The stack under test, as `npm test` hands it over in the environment. */
export function stackEnv(): StackEnv {
  return Object.fromEntries(NAMES.map((name) => [name, required(name)])) as StackEnv;
}

/** A database of its server, as the superuser. */
export function superuserUrl(database = "postgres"): string {
  const url = new URL(required("SUPERUSER_URL"));
  url.pathname = database;
  return url.href;
}

function required(name: string): string {
  const value = Deno.env.get(name);
  if (value) return value;
  throw new Error(`${name} is not set: these tests need a stack, run them by npm test`);
}
