import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import packageJson from "../../package.json" with { type: "json" };

const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);
const SHARED = new URL("_shared/", FUNCTIONS);

/** Static and dynamic imports and re-exports, by what they import. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g;

/** The functions that say themselves what they import. */
const NAMES = [...Deno.readDirSync(FUNCTIONS)]
  .map(({ name }) => name)
  .filter((name) => existsSync(new URL(`${name}/deno.json`, FUNCTIONS)))
  .sort();

function importMapOf(name: string): Record<string, string> {
  const file = new URL(`${name}/deno.json`, FUNCTIONS);
  return JSON.parse(Deno.readTextFileSync(file)).imports ?? {};
}

/** What the TypeScript below a folder imports, other than its own files. */
function importsBelow(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return importsBelow(new URL(`${name}/`, folder));
    if (!name.endsWith(".ts")) return [];
    const source = Deno.readTextFileSync(new URL(name, folder));
    return [...source.matchAll(IMPORT)]
      .map(([, specifier = ""]) => specifier)
      .filter((specifier) => !/^\.{1,2}\//.test(specifier));
  });
}

Deno.test("there is a function to look at", () => {
  assert.ok(NAMES.includes("clerk-webhook"));
  assert.ok(importsBelow(new URL("clerk-webhook/", FUNCTIONS)).includes("svix"));
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

  Deno.test(`${name}/deno.json names whatever ${name} and _shared import`, () => {
    const imported = [...importsBelow(new URL(`${name}/`, FUNCTIONS)), ...importsBelow(SHARED)];
    const named = Object.keys(importMapOf(name));
    for (const specifier of imported.filter((specifier) => !specifier.startsWith("node:"))) {
      assert.ok(named.includes(specifier), specifier);
    }
  });
}
