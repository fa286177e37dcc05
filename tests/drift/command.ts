import { fileURLToPath } from "node:url";
import type { Report } from "../../scripts/drift/report.ts";
import { type Ended, endOf } from "../backfill/command.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/drift.ts", import.meta.url));

/** The command in a process of its own. */
export function spawnDrift(env: Record<string, string>, args: string[] = []): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, ...args],
    // Nothing of the caller's own project counts.
    env: { SUPABASE_URL: "", SUPABASE_SECRET_KEY: "", SUPABASE_SERVICE_ROLE_KEY: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the command to its end. */
export function drift(env: Record<string, string>, args: string[] = []): Promise<Ended> {
  return endOf(spawnDrift(env, args));
}

/** The report that --json printed. */
export function reportIn({ stdout }: Ended): Report {
  return JSON.parse(stdout);
}
