import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import packageJson from "../../package.json" with { type: "json" };

const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);

/** The functions that say themselves what they import. */
const NAMES = [...Deno.readDirSync(FUNCTIONS)]
  .map(({ name }) => name)
  .filter((name) => existsSync(new URL(`${name}/deno.json`, FUNCTIONS)))
  .sort();

function importMapOf(name: string): Record<string, string> {
  const file = new URL(`${name}/deno.json`, FUNCTIONS);
  return JSON.parse(Deno.readTextFileSync(file)).imports ?? {};
}

/** What a function imports from packages. */
function packagesOf(name: string): string[] {
  return [...importsOf(new URL(`${name}/index.ts`, FUNCTIONS))]
    .filter((specifier) => !specifier.startsWith("node:"));
}

Deno.test("there are functions to look at", () => {
  assert.deepEqual(NAMES, ["clerk-webhook", "sync-from-clerk"]);
  assert.ok(packagesOf("clerk-webhook").includes("svix"));
  assert.ok(packagesOf("sync-from-clerk").includes("@clerk/backend"));
});

for (const name of NAMES) {
  Deno.test(`${name}/deno.json names the versions of package.json`, () => {
    const versions: Record<string, string> = packageJson.dependencies;
    for (const [specifier, target] of Object.entries(importMapOf(name))) {
      const [, dependency = ""] = /^((?:@[^/]+\/)?[^/]+)/.exec(specifier) ?? [];
      const path = specifier.slice(dependency.length);
      assert.match(versions[dependency] ?? "", /^\d+\.\d+\.\d+$/, dependency);
      assert.equal(target, `npm:${dependency}@${versions[dependency]}${path}`);
    }
  });

  Deno.test(`${name}/deno.json names what ${name} imports, and nothing that it does not load`, () => {
    assert.deepEqual(Object.keys(importMapOf(name)).sort(), packagesOf(name).sort());
  });
}

/** Static and dynamic imports and re-exports, by what they import. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g;

/** What a module imports, it and all that it reaches by relative paths, other than these. */
export function importsOf(entrypoint: URL): Set<string> {
  const outside = new Set<string>();
  const seen = new Set<string>();
  const queue = [entrypoint];
  for (let module = queue.pop(); module; module = queue.pop()) {
    if (seen.has(module.href)) continue;
    seen.add(module.href);
    for (const [, specifier = ""] of Deno.readTextFileSync(module).matchAll(IMPORT)) {
      if (/^\.{1,2}\//.test(specifier)) queue.push(new URL(specifier, module));
      else outside.add(specifier);
    }
  }
  return outside;
}
