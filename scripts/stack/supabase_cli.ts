import { join } from "node:path";
import type { LogFile } from "./log_file.ts";
import { StackError } from "./report.ts";

/** What a command of the CLI said, and whether it succeeded. */
export type CliResult = { success: boolean; stdout: string; stderr: string };

/** Runs the project's Supabase CLI on a local database. The password is no argument: every user of the machine reads those. */
export async function runSupabase(dbUrl: string, args: string[]): Promise<CliResult> {
  const remote = new URL(dbUrl);
  const PGPASSWORD = remote.password;
  remote.password = "";
  const { success, stdout, stderr } = await new Deno.Command(binary(), {
    args: [...args, `--remote=${remote.href}`],
    env: { DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1", PGSSLMODE: "disable", PGPASSWORD },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The binary itself: the shim of the npm package needs `node` on the path. */
function binary(): string {
  const { os, arch } = Deno.build;
  const name = `cli-${os}-${arch === "aarch64" ? "arm64" : "x64"}`;
  const modules = join(import.meta.dirname!, "..", "..", "node_modules");
  return join(modules, "@supabase", name, "bin", "supabase");
}

/** Applies the pending migrations with the Supabase CLI; returns how many it applied. */
export async function applyMigrations(
  { root, dbUrl, log }: { root: string; dbUrl: string; log: Pick<LogFile, "write"> },
): Promise<number> {
  const args = ["migration", "up", "--yes", `--workdir=${root}`];
  const { success, stdout, stderr } = await runSupabase(dbUrl, args);
  const output = stderr + stdout;
  log.write(output);
  if (!success) {
    const hint = "(npm start -- --fresh begins with an empty database)";
    throw new StackError(`the migrations fail:\n${output.trim()}\n${hint}`);
  }
  return output.match(/Applying migration /g)?.length ?? 0;
}
