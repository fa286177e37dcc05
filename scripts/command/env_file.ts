import { join, relative, resolve } from "node:path";
import { parse } from "dotenv";
import { UsageError } from "./usage_error.ts";

/** A file of variables, and where it is, for people. */
export interface EnvFile {
  path: string;
  /** Empty when there is no such file. */
  values: Record<string, string | undefined>;
}

/** Reads a file in dotenv form; throws a UsageError when it is there and cannot be read. */
export async function readEnvFile(file: string): Promise<EnvFile> {
  const path = relative(Deno.cwd(), resolve(file));
  try {
    return { path, values: parse(await Deno.readTextFile(path)) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { path, values: {} };
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

const ROOT = join(import.meta.dirname!, "..", "..");

/** What the running stack of a directory wrote down, by default that of `npm start`; no values when none runs. */
export function readStackFile(dataDir: string = join(ROOT, ".stack")): Promise<EnvFile> {
  return readEnvFile(join(dataDir, "env"));
}

/** The environment of the functions of a project on this machine, by default of this one. */
export function readFunctionEnv(project: string = ROOT): Promise<EnvFile> {
  return readEnvFile(join(project, "supabase", "functions", ".env"));
}
