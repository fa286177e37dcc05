import { randomBytes } from "node:crypto";
import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { silentReport } from "../../../scripts/stack/report.ts";
import { type Stack, startStack } from "../../../scripts/stack/stack.ts";
import { NO_LIMIT } from "../measuring.ts";
import type { Network } from "./network.ts";

const REPOSITORY = join(import.meta.dirname!, "..", "..", "..");

/** Beside the project's own functions and served in the same way: the program of each in handlers/, by its name. */
const HANDLERS = {
  "floor": "floor.ts",
  "tutorial": "tutorial.ts",
  "upsert": "upsert.ts",
  "one-by-one": "one_by_one.ts",
};

const THROUGH_NETWORK = `import "../_benchmark/through_network.ts";\n`;

/** What a project is served with. */
interface ProjectOptions {
  /** By name, of what is beside its webhook. */
  handlers: (keyof typeof HANDLERS)[];
  /** All functions ask the Data API through it; without it, at once. */
  network?: Network;
  signal: AbortSignal;
}

/** A stack of the project with more functions beside its webhook, which leaves nothing behind. */
export async function startProject(
  { handlers, network, signal }: ProjectOptions,
): Promise<Stack & AsyncDisposable> {
  const root = await Deno.makeTempDir({ prefix: "benchmark-" });
  const removeRoot = () => Deno.remove(root, { recursive: true });
  try {
    // As root the server runs as another user, who has to get through.
    await Deno.chmod(root, 0o711);
    await makeProject(root, handlers);
    const stack = await startStack({
      root,
      dataDir: join(root, ".stack"),
      apiPort: 0,
      dbPort: 0,
      functionEnv: {
        CLERK_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}`,
        ...NO_LIMIT,
        ...network ? { BENCHMARK_NETWORK_URL: network.url } : {},
      },
      report: silentReport,
      signal,
    });
    if (network) network.target = stack.env.API_URL;
    return { ...stack, [Symbol.asyncDispose]: () => stack.remove().finally(removeRoot) };
  } catch (error) {
    await removeRoot();
    throw error;
  }
}

async function makeProject(root: string, handlers: ProjectOptions["handlers"]): Promise<void> {
  const supabase = join(root, "supabase");
  for (const name of ["deno.json", "package.json", "supabase/migrations", "supabase/functions"]) {
    await cp(join(REPOSITORY, name), join(root, name), { recursive: true, filter: isPublic });
  }
  await Deno.symlink(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  await copyHandlers(join(supabase, "functions", "_benchmark"));
  const webhook = join(supabase, "functions", "clerk-webhook", "index.ts");
  await Deno.writeTextFile(webhook, THROUGH_NETWORK + await Deno.readTextFile(webhook));
  for (const name of handlers) {
    await Deno.mkdir(join(supabase, "functions", name));
    const program = `${THROUGH_NETWORK}import "../_benchmark/${HANDLERS[name]}";\n`;
    await Deno.writeTextFile(join(supabase, "functions", name, "index.ts"), program);
  }
  await Deno.copyFile(
    join(import.meta.dirname!, "schema.sql"),
    join(supabase, "migrations", "99991231000000_benchmark.sql"),
  );
  const config = await Deno.readTextFile(join(REPOSITORY, "supabase", "config.toml"));
  const schemas = 'schemas = ["public", "tutorial", "upsert"]';
  const served = handlers.map((name) => `[functions.${name}]\nverify_jwt = false\n`);
  const text = [config.replace('schemas = ["public"]', schemas), ...served].join("\n");
  await Deno.writeTextFile(join(supabase, "config.toml"), text);
}

async function copyHandlers(folder: string): Promise<void> {
  const from = join(import.meta.dirname!, "handlers");
  await Deno.mkdir(folder);
  for await (const { name } of Deno.readDir(from)) {
    const text = await Deno.readTextFile(join(from, name));
    // Beside the project's own functions these are nearer.
    await Deno.writeTextFile(
      join(folder, name),
      text.replaceAll("../../../../supabase/functions/", "../"),
    );
  }
}

/** The user's own secrets stay where they are. */
function isPublic(path: string): boolean {
  return !basename(path).startsWith(".env");
}
