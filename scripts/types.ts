import { dirname, join } from "node:path";
import { defineCommand } from "./command/command.ts";
import { runSupabase } from "./stack/supabase_cli.ts";
import { startTemporaryStack } from "./temporary_stack.ts";

const ROOT = dirname(import.meta.dirname!);

/** Where the generated types are kept, below the project's folder. */
export const TYPES_FILE = "supabase/functions/_clerk_sync/database.types.ts";

export default defineCommand({
  name: "types",
  group: "develop",
  summary: "writes the TypeScript types of the database",
  description: `Writes ${TYPES_FILE} from a database that the migrations made: a stack of its own,
which ends with it.`,
  examples: [["", "after a change of the migrations"]],
  options: (command) => command,
  notes: "Exit code: 0 written, 2 wrong usage or it could not be made.",
  async run() {
    await using stack = await startTemporaryStack();
    const file = join(ROOT, TYPES_FILE);
    await Deno.writeTextFile(file, await generateTypes(stack.env.DB_URL));
    console.log(`${TYPES_FILE} written`);
    return 0;
  },
});

/** The types of schema public of a migrated database, formatted like the rest of the project. */
export async function generateTypes(dbUrl: string): Promise<string> {
  const { success, stdout, stderr } = await runSupabase(dbUrl, [
    "gen",
    "types",
    "--lang=typescript",
    "--schema=public",
    `--workdir=${ROOT}`,
  ]);
  if (!success) throw new Error(`supabase gen types fails:\n${stderr}`);
  return await format(NOTE + stdout);
}

const NOTE = "// Made by `npm run types` from the migrations. Not to be edited.\n";

/** The CLI leaves formatting to us, so `deno fmt` and the generator can't disagree. */
async function format(code: string): Promise<string> {
  const formatter = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=ts", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = formatter.stdin.getWriter();
  await input.write(new TextEncoder().encode(code));
  await input.close();
  const { success, stdout, stderr } = await formatter.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`deno fmt fails:\n${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
