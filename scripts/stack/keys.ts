import type { JWK } from "jose";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { createSigningKey } from "../clerk_tokens/session_tokens.ts";
import { writeSecretFile } from "./secret_file.ts";

/** The keys by which the Data API knows its callers. */
export type ApiKeys = { publishable: string; secret: string; jwtSecret: string };

/** The keys of one stack: random, made once per data directory. */
export type Keys = {
  api: ApiKeys;
  /** Signs session tokens in Clerk's place. */
  clerkSigningKey: JWK;
};

/** Reads the keys of a file, and makes those that it does not hold. */
export async function loadKeys(file: string): Promise<Keys> {
  const text = existsSync(file) ? Deno.readTextFileSync(file) : "{}";
  const kept: Partial<ApiKeys & Omit<Keys, "api">> = JSON.parse(text);
  const random = () => randomBytes(24).toString("base64url");
  const api = {
    publishable: kept.publishable ?? `sb_publishable_${random()}`,
    secret: kept.secret ?? `sb_secret_${random()}`,
    jwtSecret: kept.jwtSecret ?? random() + random(),
  };
  const clerkSigningKey = kept.clerkSigningKey ?? await createSigningKey();
  const made = JSON.stringify({ ...api, clerkSigningKey }, null, 2);
  if (made !== text) writeSecretFile(file, made);
  return { api, clerkSigningKey };
}
