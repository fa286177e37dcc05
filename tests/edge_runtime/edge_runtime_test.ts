/**
 * The functions on the Deno of Supabase's Edge Runtime, which is older than the project's own.
 * https://github.com/supabase/edge-runtime/releases
 */
import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import assert from "node:assert/strict";
import { startFunction } from "../support/function_process.ts";

/** The project's folder. */
export const ROOT = join(import.meta.dirname!, "..", "..");

/** The Deno that is inside Supabase's Edge Runtime. */
export const EDGE_DENO = join(
  ROOT,
  "node_modules",
  `edge-runtime-deno-${process.platform}-${process.arch}`,
  "deno",
);

/** Whether npm has it for this platform, and installed it. */
export const HAS_EDGE_DENO = existsSync(EDGE_DENO);

/** What a download needs of this process's environment. */
const INHERITED = ["PATH", "HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "DENO_CERT"];

/**
 * An environment with nothing cached. npm test itself can't reach the registry: it hands the address of another one than the
 * usual, if there is one, to those who may.
 */
export function emptyCache(folder: string): Record<string, string> {
  const inherited = INHERITED.map((name) => [name, Deno.env.get(name)]);
  const registry = ["NPM_CONFIG_REGISTRY", Deno.env.get("TEST_REGISTRY")];
  return {
    ...Object.fromEntries([...inherited, registry].filter(([, value]) => value)),
    DENO_DIR: folder,
    DENO_NO_UPDATE_CHECK: "1",
    DENO_TLS_CA_STORE: "system,mozilla",
    NO_COLOR: "1",
  };
}

/** How a run of it ended, and all that it wrote. */
export async function runEdgeDeno(
  args: string[],
  { cwd = ROOT, env }: { cwd?: string; env: Record<string, string> },
): Promise<{ success: boolean; output: string }> {
  const options = { args, cwd, env, clearEnv: true };
  const { success, stdout, stderr } = await new Deno.Command(EDGE_DENO, options).output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

const VERSION = "2.1.4";
const FUNCTIONS = ["clerk-webhook", "sync-from-clerk"];

/** Packages from the registry and from nowhere else, in the versions of the function's own deno.json. */
const flagsOf = (name: string) => [
  "--node-modules-dir=none",
  `--config=supabase/functions/${name}/deno.json`,
];

/** A project that holds the functions and nothing else, and an empty cache. */
async function startEmpty(): Promise<
  { root: string; env: Record<string, string> } & AsyncDisposable
> {
  const root = await Deno.makeTempDir({ prefix: "edge-runtime-" });
  cpSync(join(ROOT, "supabase/functions"), join(root, "supabase/functions"), { recursive: true });
  return {
    root,
    env: emptyCache(join(root, "deno")),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** The smallest of what svix brings along. */
async function reachesRegistry(): Promise<boolean> {
  await using empty = await startEmpty();
  const args = ["cache", "--node-modules-dir=none", "npm:fast-sha256@1.3.0"];
  const { success, output } = await runEdgeDeno(args, { cwd: empty.root, env: empty.env });
  if (!success && !/error sending request/.test(output)) throw new Error(output);
  return success;
}

const ignore = !HAS_EDGE_DENO;
const ignoreOffline = ignore || !await reachesRegistry();

Deno.test(`Deno ${VERSION} is installed for what follows`, { ignore }, async () => {
  await using empty = await startEmpty();
  const { output } = await runEdgeDeno(["--version"], empty);
  assert.ok(output.startsWith(`deno ${VERSION} `), output);
});

Deno.test(`tests/functions pass on Deno ${VERSION}`, { ignore }, async () => {
  await using empty = await startEmpty();
  const flags = ["--allow-all", "--no-check", "--v8-flags=--expose-gc"];
  const tests = join(import.meta.dirname!, "function_tests.ts");
  const { success, output } = await runEdgeDeno(["test", ...flags, tests], { env: empty.env });
  assert.ok(success, output.slice(output.indexOf(" ERRORS ")));
  assert.match(output, /\b[1-9]\d* passed .*\b0 failed/);
});

for (const name of FUNCTIONS) {
  Deno.test(
    `${name} starts on Deno ${VERSION} from an empty cache, without node_modules`,
    { ignore: ignoreOffline },
    async () => {
      await using empty = await startEmpty();
      const runtime = { deno: EDGE_DENO, root: empty.root, flags: flagsOf(name), env: empty.env };
      await using served = await startFunction(name, {}, runtime);
      const response = await fetch(served.url, { method: "POST" });
      assert.deepEqual(await response.json(), { error: "misconfigured" });
    },
  );

  Deno.test(
    `${name} has the types of Deno ${VERSION}`,
    { ignore: ignoreOffline },
    async () => {
      await using empty = await startEmpty();
      const args = ["check", ...flagsOf(name), `supabase/functions/${name}/index.ts`];
      const { success, output } = await runEdgeDeno(args, { cwd: empty.root, env: empty.env });
      assert.ok(success, output);
    },
  );
}

Deno.test("no lock file lies beside the functions: another Deno may not read it", () => {
  const files = readdirSync(join(ROOT, "supabase", "functions"), { recursive: true });
  assert.deepEqual(files.filter((file) => String(file).endsWith("deno.lock")), []);
});
