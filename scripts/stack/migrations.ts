import { join } from "node:path";
import type { LogFile } from "./log_file.ts";
import { StackError } from "./stack_error.ts";

/** What the migrations need to know. */
export type MigrationOptions = { root: string; dbUrl: string; log: LogFile };

/** Applies the pending migrations with the Supabase CLI; returns the names of those it applied. */
export async function applyMigrations(options: MigrationOptions): Promise<string[]> {
  const { root, dbUrl, log } = options;
  const { success, stdout, stderr } = await new Deno.Command(supabaseCli(), {
    args: ["migration", "up", "--yes", `--remote=${dbUrl}`, `--workdir=${root}`],
    env: { DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1", PGSSLMODE: "disable" },
    stdin: "null",
  }).output();
  const output = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  log.write(output);
  if (!success) {
    const hint = "(npm start -- --fresh begins with an empty database)";
    throw new StackError(`the migrations fail:\n${output.trim()}\n${hint}`);
  }
  return [...output.matchAll(/Applying migration (\S+?)\.sql/g)].map(([, name]) => name!);
}

/** The binary itself: the shim of the npm package needs `node` on the path. */
function supabaseCli(): string {
  const { os, arch } = Deno.build;
  const name = `cli-${os}-${arch === "aarch64" ? "arm64" : "x64"}`;
  const modules = join(import.meta.dirname!, "..", "..", "node_modules");
  return join(modules, "@supabase", name, "bin", "supabase");
}
