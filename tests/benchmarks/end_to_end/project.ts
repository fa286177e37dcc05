import { randomBytes } from "node:crypto";
import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { silentReport } from "../../../scripts/stack/report.ts";
import { type Stack, startStack } from "../../../scripts/stack/stack.ts";

const REPOSITORY = join(import.meta.dirname!, "..", "..", "..");

/** Beside the project's own functions and served in the same way: the folder of each here, by name. */
const HANDLERS = { floor: "floor", "ledger-row": "ledger_row", reference: "reference" };

/** On a fast machine the function's own limit on deliveries a second would set the pace: the highest there is. */
const NO_LIMIT = { RATE_LIMIT_VERIFIED_PER_SECOND: "999999" };

/** A stack of the project, with the floor and the reference beside its webhook, which leaves nothing behind. */
export async function startProject(signal: AbortSignal): Promise<Stack & AsyncDisposable> {
  const root = await Deno.makeTempDir({ prefix: "benchmark-" });
  const removeRoot = () => Deno.remove(root, { recursive: true });
  try {
    // As root the server runs as another user, who has to get through.
    await Deno.chmod(root, 0o711);
    await makeProject(root);
    const stack = await startStack({
      root,
      dataDir: join(root, ".stack"),
      apiPort: 0,
      dbPort: 0,
      functionEnv: {
        CLERK_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}`,
        ...NO_LIMIT,
      },
      report: silentReport,
      signal,
    });
    return { ...stack, [Symbol.asyncDispose]: () => stack.remove().finally(removeRoot) };
  } catch (error) {
    await removeRoot();
    throw error;
  }
}

async function makeProject(root: string): Promise<void> {
  const supabase = join(root, "supabase");
  for (const name of ["deno.json", "package.json", "supabase/migrations", "supabase/functions"]) {
    await cp(join(REPOSITORY, name), join(root, name), { recursive: true, filter: isPublic });
  }
  await Deno.symlink(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  for (const [name, folder] of Object.entries(HANDLERS)) {
    const source = await Deno.readTextFile(join(import.meta.dirname!, folder, "index.ts"));
    await Deno.mkdir(join(supabase, "functions", name));
    // Beside the project's own functions these are nearer.
    const moved = source.replaceAll("../../../../supabase/functions/", "../");
    await Deno.writeTextFile(join(supabase, "functions", name, "index.ts"), moved);
  }
  await Deno.copyFile(
    join(import.meta.dirname!, "schema.sql"),
    join(supabase, "migrations", "99991231000000_benchmark.sql"),
  );
  const config = await Deno.readTextFile(join(REPOSITORY, "supabase", "config.toml"));
  const withSchema = config.replace('schemas = ["public"]', 'schemas = ["public", "reference"]');
  const handlers = Object.keys(HANDLERS).map((name) => `[functions.${name}]\nverify_jwt = false\n`);
  await Deno.writeTextFile(join(supabase, "config.toml"), [withSchema, ...handlers].join("\n"));
}

/** The user's own secrets stay where they are. */
function isPublic(path: string): boolean {
  return !basename(path).startsWith(".env");
}
