import assert from "node:assert/strict";
import packageJson from "../../package.json" with { type: "json" };

const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);

/** Static and dynamic imports and re-exports, by what they import. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g;

/** What a module imports from packages, it and all that it reaches by relative paths. */
function packagesOf(entrypoint: URL): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const queue = [entrypoint];
  for (let module = queue.pop(); module; module = queue.pop()) {
    if (seen.has(module.href)) continue;
    seen.add(module.href);
    for (const [, specifier = ""] of Deno.readTextFileSync(module).matchAll(IMPORT)) {
      if (/^\.{1,2}\//.test(specifier)) queue.push(new URL(specifier, module));
      else if (!specifier.startsWith("node:")) packages.add(specifier);
    }
  }
  return packages;
}

for (const [name, known] of [["clerk-webhook", "svix"], ["sync-from-clerk", "@clerk/backend"]]) {
  Deno.test(`${name}/deno.json names what ${name} imports, in the versions of package.json`, () => {
    const folder = new URL(`${name}/`, FUNCTIONS);
    const { imports } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", folder)));
    const packages = packagesOf(new URL("index.ts", folder));
    assert.ok(packages.has(known!));
    assert.deepEqual(Object.keys(imports).sort(), [...packages].sort());

    const versions: Record<string, string> = packageJson.dependencies;
    for (const [specifier, target] of Object.entries(imports)) {
      const [, dependency = ""] = /^((?:@[^/]+\/)?[^/]+)/.exec(specifier) ?? [];
      const path = specifier.slice(dependency.length);
      assert.match(versions[dependency] ?? "", /^\d+\.\d+\.\d+$/, dependency);
      assert.equal(target, `npm:${dependency}@${versions[dependency]}${path}`);
    }
  });
}

Deno.test("every function is one of these", () => {
  const folders = [...Deno.readDirSync(FUNCTIONS)].filter(({ isDirectory }) => isDirectory);
  const names = folders.map(({ name }) => name).sort();
  assert.deepEqual(names, ["_clerk_sync", "clerk-webhook", "sync-from-clerk"]);
});
