/** The functions on the Deno of Supabase's Edge Runtime, which is older than the project's own. */
import assert from "node:assert/strict";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, stop } from "esbuild";
import { OPTIONS } from "../../scripts/deploy/bundle.ts";
import { EDGE_DENO, EDGE_VERSION, HAS_EDGE_DENO } from "../support/edge_deno.ts";
import { startFunction } from "../support/function_process.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** What a download needs of this process's environment. */
const INHERITED = ["PATH", "HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "DENO_CERT"];

/** Packages from the registry and from nowhere else, in the versions of the function's own deno.json. */
const flagsOf = (name: string) => [
  "--node-modules-dir=none",
  `--config=supabase/functions/${name}/deno.json`,
];

/** A project that holds the functions and nothing else, and an empty cache. */
async function startEmpty() {
  const root = await Deno.makeTempDir({ prefix: "edge-runtime-" });
  cpSync(join(ROOT, "supabase/functions"), join(root, "supabase/functions"), { recursive: true });
  const inherited = INHERITED.map((name) => [name, Deno.env.get(name)]);
  // npm test itself can't reach the registry: it hands the address of another one than the usual to those who may.
  const registry = ["NPM_CONFIG_REGISTRY", Deno.env.get("TEST_REGISTRY")];
  const env: Record<string, string> = {
    ...Object.fromEntries([...inherited, registry].filter(([, value]) => value)),
    DENO_DIR: join(root, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    DENO_TLS_CA_STORE: "system,mozilla",
    NO_COLOR: "1",
  };
  const run = async (args: string[], cwd = root) => {
    const options = { args, cwd, env, clearEnv: true };
    const { success, stdout, stderr } = await new Deno.Command(EDGE_DENO, options).output();
    const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    return { success, output };
  };
  const remove = () => Deno.remove(root, { recursive: true });
  return { root, env, run, [Symbol.asyncDispose]: remove };
}

/** The smallest of what svix brings along. */
async function reachesRegistry(): Promise<boolean> {
  await using empty = await startEmpty();
  const args = ["cache", "--node-modules-dir=none", "npm:fast-sha256@1.3.0"];
  const { success, output } = await empty.run(args);
  if (!success && !/error sending request/.test(output)) throw new Error(output);
  return success;
}

const ignore = !HAS_EDGE_DENO;
const offline = { ignore: ignore || !await reachesRegistry() };

Deno.test(`tests/functions pass on Deno ${EDGE_VERSION}`, { ignore }, () => passFunctionTests([]));

Deno.test(
  `tests/functions pass on Deno ${EDGE_VERSION}, bundled as npm run deploy does it`,
  { ignore },
  async () => {
    await using bundled = await bundledModules();
    await passFunctionTests([`--import-map=${bundled.importMap}`]);
  },
);

async function passFunctionTests(flags: string[]): Promise<void> {
  await using empty = await startEmpty();
  const { output: version } = await empty.run(["--version"]);
  assert.ok(version.startsWith(`deno ${EDGE_VERSION} `), version);
  const tests = join(import.meta.dirname!, "function_tests.ts");
  const args = ["test", "--allow-all", "--no-check", ...flags, tests];
  const { success, output } = await empty.run(args, ROOT);
  assert.ok(success, output.slice(output.indexOf(" ERRORS ")));
  assert.match(output, /\b[1-9]\d* passed .*\b0 failed/);
}

/** Every module of the functions as a bundle has it, and an import map that puts these in the places of the sources. */
async function bundledModules(): Promise<{ importMap: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "bundled-" });
  const source = join(ROOT, "supabase", "functions");
  const modules = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("index.ts"));
  await build({
    ...OPTIONS,
    entryPoints: modules.map((file) => join(source, file)),
    outbase: source,
    outdir: folder,
    external: ["node:*"],
    splitting: true,
  });
  await stop();
  const imports = modules.map((file) => [
    pathToFileURL(join(source, file)).href,
    pathToFileURL(join(folder, file.replace(/ts$/, "js"))).href,
  ]);
  const importMap = join(folder, "import_map.json");
  await Deno.writeTextFile(importMap, JSON.stringify({ imports: Object.fromEntries(imports) }));
  return { importMap, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

for (const name of ["clerk-webhook", "sync-from-clerk"]) {
  Deno.test(
    `${name} starts on Deno ${EDGE_VERSION} from an empty cache, without node_modules`,
    offline,
    async () => {
      await using empty = await startEmpty();
      const runtime = { deno: EDGE_DENO, root: empty.root, flags: flagsOf(name), env: empty.env };
      await using served = await startFunction(name, {}, runtime);
      const response = await fetch(served.url, { method: "POST" });
      assert.deepEqual(await response.json(), { error: "misconfigured" });
    },
  );

  Deno.test(`${name} has the types of Deno ${EDGE_VERSION}`, offline, async () => {
    await using empty = await startEmpty();
    const args = ["check", ...flagsOf(name), `supabase/functions/${name}/index.ts`];
    const { success, output } = await empty.run(args);
    assert.ok(success, output);
  });
}

Deno.test("no lock file lies beside the functions: another Deno may not read it", () => {
  const files = readdirSync(join(ROOT, "supabase", "functions"), { recursive: true });
  assert.deepEqual(files.filter((file) => String(file).endsWith("deno.lock")), []);
});
