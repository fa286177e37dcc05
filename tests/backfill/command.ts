import type { Report } from "../../scripts/backfill/report.ts";
import type { ClerkApiServer } from "../clerk_api/server.ts";
import { type Ended, runCommand } from "../support/run_command.ts";
import type { Ground } from "./ground.ts";

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

/** Runs the command to its end. */
export function backfill(env: Record<string, string>, args: string[] = []): Promise<Ended> {
  return runCommand("backfill", { env, args });
}

/** The report that --json printed. */
export function reportIn({ stdout }: Ended): Report {
  return JSON.parse(stdout);
}
