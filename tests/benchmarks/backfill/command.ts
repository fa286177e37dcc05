import { join } from "node:path";
import type { Report } from "../../../scripts/backfill/report.ts";
import type { StackEnv } from "../../../scripts/stack/env_file.ts";
import { peakMemoryMb } from "../memory.ts";
import type { ClerkProcess } from "./clerk_process.ts";

const PROGRAM = join(import.meta.dirname!, "..", "..", "..", "scripts", "cli.ts");

/** More requests in ten seconds than Clerk allows: it is the project's side that is measured. */
export const RATE = 10_000;

const LOOK_EVERY_MS = 100;

/** `npm run backfill` as a process of its own: what it reported, and the most memory that it had, as the kernel saw it. */
export async function runBackfillCommand(
  clerk: ClerkProcess,
  env: StackEnv,
  signal: AbortSignal,
): Promise<{ report: Report; peakMb: number }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", PROGRAM, "backfill", "--json", `--rate=${RATE}`],
    env: {
      CLERK_SECRET_KEY: clerk.secretKey,
      CLERK_API_URL: clerk.url,
      CLERK_INSTANCE_ID: "",
      SUPABASE_URL: env.API_URL,
      SUPABASE_SECRET_KEY: env.SECRET_KEY,
    },
    stdout: "piped",
    stderr: "null",
    signal,
  }).spawn();
  let peakMb = NaN;
  const timer = setInterval(() => {
    const mb = peakMemoryMb(child.pid);
    if (!Number.isNaN(mb)) peakMb = mb;
  }, LOOK_EVERY_MS);
  try {
    const { stdout } = await child.output();
    signal.throwIfAborted();
    const report: Report = JSON.parse(new TextDecoder().decode(stdout));
    if (report.outcome !== "complete") throw new Error(`the backfill ${report.outcome}`);
    return { report, peakMb };
  } finally {
    clearInterval(timer);
  }
}
