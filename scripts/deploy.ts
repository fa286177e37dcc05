import { dirname, join } from "node:path";
import { defineCommand } from "./command/command.ts";
import { projectFolder } from "./command/options.ts";
import { UsageError } from "./command/usage_error.ts";
import { supabaseCli } from "./stack/supabase_cli.ts";

const ROOT = dirname(import.meta.dirname!);

const FUNCTIONS = ["clerk-webhook", "sync-from-clerk"];

/** A Supabase project for the CLI, of bundles alone. The maps stay there when they are deployed. */
const FOLDER = join(ROOT, ".deploy");

export default defineCommand({
  name: "deploy",
  group: "operate",
  summary: "deploys the functions, each as one file",
  description:
    `Puts each function and what it uses of its packages into one file, and deploys these with the Supabase
CLI. A worker that has just been started answers sooner by that than with whole packages. The files,
and the maps by which their stack traces are read, are in .deploy/ until the next time.`,
  examples: [
    ["--project-ref abcdefghijklmnopqrst", "asks before it deploys"],
    ["--project ../my-app --project-ref …", "the functions that add put there"],
    ["--no-upload", "the files alone"],
  ],
  options: (command) =>
    command
      .option("--project-ref <ref>", "the project: the first part of its address", projectRef)
      .option("--project <folder>", "whose functions (default: this one)", projectFolder)
      .option("--yes", "asks nothing", false)
      .option("--no-upload", "writes the files, and deploys nothing"),
  notes:
    `The CLI takes the token of supabase login, or SUPABASE_ACCESS_TOKEN. Secrets are set as ever.

Exit code: 0 deployed, 1 the CLI did not deploy it, 2 wrong usage or no bundle can be made.`,
  async run({ projectRef, project = ROOT, yes, upload }, { signal }) {
    if (upload && !projectRef) throw new UsageError("Give --project-ref, or --no-upload.");
    const sizes = await writeBundles(project);
    for (const [name, bytes] of sizes) console.error(`${name}: ${Math.round(bytes / 1000)} kB`);
    if (!upload) return 0;
    const asked = yes ? ["--yes"] : [];
    const args = ["--use-api", `--workdir=${FOLDER}`, `--remote=${projectRef}`, ...asked];
    const cli = new Deno.Command(supabaseCli(), {
      args: ["functions", "deploy", ...FUNCTIONS, ...args],
      env: { DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1" },
      signal,
    });
    return (await cli.spawn().status).success ? 0 : 1;
  },
});

/** Writes the project that the CLI deploys: the size of each function's code in bytes. */
async function writeBundles(project: string): Promise<[name: string, bytes: number][]> {
  // esbuild is there when this command is called, and not for the others.
  const { bundle } = await import("./deploy/bundle.ts");
  await Deno.remove(FOLDER, { recursive: true }).catch(ignoreMissing);
  const supabase = join(FOLDER, "supabase");
  const sizes: [string, number][] = [];
  for (const name of FUNCTIONS) {
    const source = join(project, "supabase", "functions", name, "index.ts");
    const { code, map } = await bundle(source);
    const folder = join(supabase, "functions", name);
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeFile(join(folder, "index.js"), code);
    await Deno.writeFile(join(folder, "index.js.map"), map);
    sizes.push([name, code.length]);
  }
  await Deno.writeTextFile(join(supabase, "config.toml"), FUNCTIONS.map(configOf).join("\n"));
  return sizes;
}

/** Both check by themselves who calls: config.toml of the repository says how. */
function configOf(name: string): string {
  return `[functions.${name}]\nverify_jwt = false\nentrypoint = "./functions/${name}/index.js"\n`;
}

function projectRef(text: string): string {
  if (/^[a-z]{20}$/.test(text)) return text;
  throw new UsageError("--project-ref is the first part of the project's address, 20 letters.");
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
