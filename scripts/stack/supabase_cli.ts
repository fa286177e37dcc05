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
  const { success, stdout, stderr } = await new Deno.Command(supabaseCli(), {
    args: [...args, `--remote=${remote.href}`],
    env: { DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1", PGSSLMODE: "disable", PGPASSWORD },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The binary itself: the shim of the npm package needs `node` on the path. */
export function supabaseCli(): string {
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
  if (!success) throw new StackError(migrationTrouble(output));
  return output.match(/Applying migration /g)?.length ?? 0;
}

/**
 * Why migrations fail and how that is mended, by what the CLI said. Its own advice is for a database that others use: it marks
 * as reverted what is applied.
 */
export function migrationTrouble(output: string): string {
  const { what, mending } = causeIn(output);
  return `${what}\n\n${mending} Then start again: what is applied stays, and so do all data.\n` +
    "--fresh is another way: it deletes all local data, and applies every migration anew.";
}

function causeIn(output: string): { what: string; mending: string } {
  const [, lost] = /--status reverted ([\d ]+)/.exec(output) ?? [];
  if (lost) {
    return {
      what: `supabase/migrations lacks what the local database has applied: ${
        lost.trim().split(" ").join(", ")
      }`,
      mending:
        "Put these files back under the numbers that they had; another branch may have them.",
    };
  }
  if (output.includes("inserted before the last migration")) {
    const files = output.match(/[^/\s]+\.sql$/gm) ?? [];
    return {
      what: `migrations come before what is applied already: ${files.join(", ")}`,
      mending: "Give them numbers that sort after the newest one.",
    };
  }
  const [before, failing = "", reason = ""] = output.split(
    /^(?:.*\n)*Applying migration (\S+?)\.{3}\n/m,
  );
  if (!failing) return { what: `the migrations fail:\n${before!.trim()}`, mending: "Mend that." };
  return {
    what: `the migration ${failing} fails:\n${reason.replace(/^Try rerunning .*/m, "").trim()}`,
    mending: SUPABASES_OWN.test(reason)
      ? "The stack has no such part of Supabase: npx supabase start has it, with Docker. Or do without it here."
      : "Mend that, in the file or by a migration of yours that comes before it.",
  };
}

/** What a hosted project has, and PostgreSQL from npm has not. */
const SUPABASES_OWN =
  /extension "[\w-]+" is not available|(schema|relation) "(auth|storage|realtime|vault|cron|net)\b/;
