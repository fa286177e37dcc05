import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { currentChecksums, keptChecksums, whatIsWrong } from "./checksums.ts";
import { defineCommand } from "./command/command.ts";
import { runSupabase } from "./stack/supabase_cli.ts";
import { startTemporaryStack } from "./temporary_stack.ts";
import { generateTypes, TYPES_FILE } from "./types.ts";

const ROOT = join(import.meta.dirname!, "..");

export default defineCommand({
  name: "check",
  group: "develop",
  summary: "format, lint, types, checksums, generated types, advisors",
  description:
    `Format, lint, strict types and the migrations' checksums; and of a database that the migrations made, on a stack of its own: whether the
generated types are current, and the Supabase CLI's advisors. Ends at the first that fails.`,
  examples: [["", "all of it"]],
  options: (command) => command,
  notes: "Exit code: 0 all is well, 1 something is not, 2 wrong usage, 130 interrupted.",
  async run(_options, { signal }) {
    const passed = await step("format", Deno.execPath(), ["fmt", "--check", "--quiet"]) &&
      await step("lint", Deno.execPath(), ["lint", "--quiet"]) &&
      await step("types", Deno.execPath(), ["check", "--quiet", "scripts", "supabase", "tests"]) &&
      migrationsAreAsKept() &&
      await databaseSteps();
    return signal.aborted ? 130 : passed ? 0 : 1;
  },
});

async function databaseSteps(): Promise<boolean> {
  await using stack = await startTemporaryStack();
  const { DB_URL } = stack.env;
  return await typesAreCurrent(DB_URL) &&
    await adviceIsNone(DB_URL);
}

function migrationsAreAsKept(): boolean {
  const wrong = whatIsWrong(keptChecksums(), currentChecksums(), packageJson.version);
  report("migrations", wrong === null);
  if (wrong) console.error(wrong);
  return wrong === null;
}

async function typesAreCurrent(dbUrl: string): Promise<boolean> {
  const kept = await Deno.readTextFile(join(ROOT, TYPES_FILE)).catch(() => "");
  const isCurrent = kept === await generateTypes(dbUrl);
  report("db types", isCurrent);
  if (!isCurrent) console.error(`${TYPES_FILE} is not what the migrations make: npm run types`);
  return isCurrent;
}

async function adviceIsNone(dbUrl: string): Promise<boolean> {
  const args = ["db", "advisors", "--level=warn", "--fail-on=warn"];
  const { success, stdout, stderr } = await runSupabase(dbUrl, args);
  report("advisors", success);
  if (!success) console.error(stdout + stderr);
  return success;
}

/** Runs a command, whose output is shown only when it fails. */
async function step(name: string, command: string, args: string[]): Promise<boolean> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  report(name, success);
  if (!success) {
    await Deno.stderr.write(stdout);
    await Deno.stderr.write(stderr);
  }
  return success;
}

function report(name: string, success: boolean): void {
  console.log(`${name.padEnd(11)}${success ? "ok" : "failed"}`);
}
