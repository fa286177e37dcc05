import type { LogFile } from "./log_file.ts";
import { StackError } from "./stack_error.ts";
import { runSupabase } from "./supabase_cli.ts";

/** What the migrations need to know. */
export type MigrationOptions = { root: string; dbUrl: string; log: Pick<LogFile, "write"> };

/** Applies the pending migrations with the Supabase CLI; returns the names of those it applied. */
export async function applyMigrations(options: MigrationOptions): Promise<string[]> {
  const { root, dbUrl, log } = options;
  const { success, stdout, stderr } = await runSupabase(dbUrl, [
    "migration",
    "up",
    "--yes",
    `--workdir=${root}`,
  ]);
  const output = stderr + stdout;
  log.write(output);
  if (!success) {
    const hint = "(npm start -- --fresh begins with an empty database)";
    throw new StackError(`the migrations fail:\n${output.trim()}\n${hint}`);
  }
  return [...output.matchAll(/Applying migration (\S+?)\.sql/g)].map(([, name]) => name!);
}
