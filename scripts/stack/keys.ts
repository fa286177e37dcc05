import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { writeSecretFile } from "./secret_file.ts";

/** The keys of one stack: random, made once per data directory. */
export type Keys = { publishable: string; secret: string; jwtSecret: string };

/** Reads the keys of a file, or makes them. */
export function loadKeys(file: string): Keys {
  if (existsSync(file)) return JSON.parse(Deno.readTextFileSync(file));
  const random = () => randomBytes(24).toString("base64url");
  const keys = {
    publishable: `sb_publishable_${random()}`,
    secret: `sb_secret_${random()}`,
    jwtSecret: random() + random(),
  };
  writeSecretFile(file, JSON.stringify(keys, null, 2));
  return keys;
}
