/** What the webhook may take: code when it starts, all of which a cold start reads and compiles, and memory when it is full. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fullPlaces } from "./flood/flood.ts";

/** Of the source of every module that is loaded, the function's own and its packages'. */
const LIMIT_BYTES = 2_150_000;

const ROOT = join(import.meta.dirname!, "..", "..");
const ENTRYPOINT = join(ROOT, "supabase", "functions", "clerk-webhook", "index.ts");

Deno.test("the webhook function loads no more code than its limit", async () => {
  const modules = await loadedModules(ENTRYPOINT);
  assert.ok(modules.includes(ENTRYPOINT));
  const sizes = modules.map((path) => ({ path, bytes: Deno.statSync(path).size }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = sizes.toSorted((a, b) => b.bytes - a.bytes).slice(0, 10);
  const told = largest.map(({ path, bytes }) => `${bytes} ${path}`).join("\n");
  assert.ok(total <= LIMIT_BYTES, `${total} bytes in ${sizes.length} modules, of them\n${told}`);
});

/** By what V8 says it was given, for `deno info` does not look into npm packages. */
async function loadedModules(entrypoint: string): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "coverage-" });
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", `--coverage=${folder}`, "-"],
      cwd: ROOT,
      env: { DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0" },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const program = `await import(${JSON.stringify(entrypoint)}); Deno.exit();`;
    await new Blob([program]).stream().pipeTo(child.stdin);
    await child.status;
    const urls = [...Deno.readDirSync(folder)].map(({ name }): string =>
      JSON.parse(Deno.readTextFileSync(join(folder, name))).url
    );
    const isProgram = (url: string) => url.endsWith("$deno$stdin.mts");
    return [...new Set(urls)].filter((url) => !isProgram(url)).map((url) => fileURLToPath(url));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ignore = Deno.build.os !== "linux";

Deno.test(
  "a webhook that is full of the largest bodies holds each of them once",
  { ignore },
  async () => {
    const { atRestMb, peakMb, sentMb } = await fullPlaces(new AbortController().signal);
    assert.ok(sentMb >= 100, `${sentMb} MB sent`);
    // Held twice they would be 200 MB and more; what is read aside of them comes and goes.
    assert.ok(peakMb - atRestMb < 1.5 * sentMb, `${atRestMb} MB at rest, ${peakMb} MB at most`);
  },
);
