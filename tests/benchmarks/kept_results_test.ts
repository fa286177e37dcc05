import assert from "node:assert/strict";
import { join } from "node:path";
import { filesFrom, readResults } from "./command/save.ts";
import { PARTS } from "./parts.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("README and charts are what the kept results make, to the letter", async () => {
  const files = await filesFrom(ROOT, await readResults(ROOT));
  for (const [path, text] of Object.entries(files)) {
    const kept = await Deno.readTextFile(join(ROOT, path)).catch(() => "");
    assert.ok(kept === text, `${path} is not what results.json makes`);
  }
});

Deno.test("there is a chart of each part that was kept, and no other", async () => {
  const charts = await Array.fromAsync(Deno.readDir(join(import.meta.dirname!, "charts")));
  const names = (await readResults(ROOT)).map(({ name }) => `${name}.svg`);
  assert.deepEqual(charts.map(({ name }) => name).sort(), names.sort());
});

Deno.test("what is kept are parts that there are, in their order", async () => {
  const kept = (await readResults(ROOT)).map(({ name }) => name);
  assert.deepEqual(kept, Object.keys(PARTS).filter((name) => kept.includes(name)));
});
