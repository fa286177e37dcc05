import { fileURLToPath } from "node:url";
import type { Report } from "../../scripts/backfill/report.ts";
import type { ClerkApiServer } from "../clerk_api/server.ts";
import type { Ground } from "./ground.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/backfill.ts", import.meta.url));

/** The variables that name a project and an instance. */
export function envFor({ env }: Ground, server: ClerkApiServer): Record<string, string> {
  return {
    CLERK_SECRET_KEY: server.secretKey,
    CLERK_API_URL: server.url,
    CLERK_INSTANCE_ID: server.instanceId,
    SUPABASE_URL: env.API_URL,
    SUPABASE_SECRET_KEY: env.SECRET_KEY,
  };
}

/** The command in a process of its own. */
export function spawnBackfill(env: Record<string, string>, args: string[] = []): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, ...args],
    // Nothing of the caller's own project counts.
    env: { SUPABASE_URL: "", SUPABASE_SECRET_KEY: "", SUPABASE_SERVICE_ROLE_KEY: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** How the command ended, and what it said. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Waits for its end. */
export async function endOf(child: Deno.ChildProcess): Promise<Ended> {
  const { code, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** The report that --json printed. */
export function reportIn({ stdout }: Ended): Report {
  return JSON.parse(stdout);
}

/** Runs the command to its end. */
export function backfill(env: Record<string, string>, args: string[] = []): Promise<Ended> {
  return endOf(spawnBackfill(env, args));
}
