import { importJWK, type JWK } from "jose";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import * as z from "zod/mini";
import { createSigningKey } from "../token/session_tokens.ts";
import { writeSecretFile } from "./env_file.ts";
import { StackError } from "./report.ts";
import type { PerLogin } from "./roles.ts";

/** The keys by which the Data API knows its callers. */
export type ApiKeys = { publishable: string; secret: string; jwtSecret: string };

/** The keys of one stack: random, made once per data directory. */
type Keys = {
  api: ApiKeys;
  /** Of those that log in to the database. */
  passwords: PerLogin;
  /** Signs session tokens in Clerk's place. */
  clerkSigningKey: JWK;
};

const key = z.string().check(z.minLength(1));
/** As they are made: they are part of an address. */
const password = z.string().check(z.regex(/^[\w-]+$/));
const KEPT = z.object({
  publishable: z.optional(key),
  secret: z.optional(key),
  jwtSecret: z.optional(key),
  passwords: z.optional(z.object({
    supabase_admin: password,
    postgres: password,
    authenticator: password,
  })),
  clerkSigningKey: z.optional(z.looseObject({ kty: z.literal("RSA"), n: key, e: key, d: key })),
});

/** Reads the keys of a file, and makes those that it does not hold. */
export async function loadKeys(file: string): Promise<Keys> {
  const { text, kept } = existsSync(file) ? await read(file) : { text: "", kept: {} };
  const random = () => randomBytes(24).toString("base64url");
  const api = {
    publishable: kept.publishable ?? `sb_publishable_${random()}`,
    secret: kept.secret ?? `sb_secret_${random()}`,
    jwtSecret: kept.jwtSecret ?? random() + random(),
  };
  const passwords = kept.passwords ??
    { supabase_admin: random(), postgres: random(), authenticator: random() };
  const clerkSigningKey = kept.clerkSigningKey ?? await createSigningKey();
  const made = JSON.stringify({ ...api, passwords, clerkSigningKey }, null, 2);
  if (made !== text) writeSecretFile(file, made);
  return { api, passwords, clerkSigningKey };
}

/** Says nothing of what is in the file, wherever it breaks off. */
async function read(file: string): Promise<{ text: string; kept: z.infer<typeof KEPT> }> {
  try {
    const text = Deno.readTextFileSync(file);
    const kept = z.parse(KEPT, JSON.parse(text));
    if (kept.clerkSigningKey) await importJWK(kept.clerkSigningKey, "RS256");
    return { text, kept };
  } catch {
    throw new StackError(
      `${file} is not what a stack wrote; put it back as it was, or --fresh starts anew`,
    );
  }
}
