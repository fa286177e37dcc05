import type { Report } from "../../scripts/drift/report.ts";
import { type Ended, runCommand } from "../support/run_command.ts";

/** Runs the command to its end. */
export function drift(env: Record<string, string>, args: string[] = []): Promise<Ended> {
  return runCommand("drift", { env, args });
}

/** The report that --json printed. */
export function reportIn({ stdout }: Ended): Report {
  return JSON.parse(stdout);
}
