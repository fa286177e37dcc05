import assert from "node:assert/strict";
import { join } from "node:path";
import { keptPart, measuredPart, reportOf } from "./sample_report.ts";
import { readResults, save } from "./save.ts";

const COMMENTS = "<!-- npm run bench -- --save writes from here -->\n\n<!-- to here -->\n";

/** A project with nothing but what is written to. */
async function openProject(): Promise<{ root: string } & AsyncDisposable> {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(join(root, "tests", "benchmarks"), { recursive: true });
  await Deno.writeTextFile(join(root, "tests", "benchmarks", "results.json"), "[]\n");
  await Deno.writeTextFile(join(root, "tests", "README.md"), COMMENTS);
  return { root, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

Deno.test("a run is kept in the results, as a chart and in the README, and nothing else is left", async () => {
  await using project = await openProject();
  const { root } = project;
  const files = await save(root, reportOf(), ["reads"]);
  assert.deepEqual(files, [
    "tests/benchmarks/results.json",
    "tests/benchmarks/charts/reads.svg",
    "tests/README.md",
  ]);
  assert.deepEqual(await readResults(root), [keptPart()]);
  assert.match(await Deno.readTextFile(join(root, files[1]!)), /^<svg[^]*1,200 ms[^]*<\/svg>\n$/);
  assert.match(await Deno.readTextFile(join(root, "tests", "README.md")), /\| `reads` \| Reads/);
  const entries = Array.fromAsync(Deno.readDir(join(root, "tests", "benchmarks")));
  assert.deepEqual((await entries).map(({ name }) => name).sort(), ["charts", "results.json"]);
});

Deno.test("a later run of another part leaves the first where it is", async () => {
  await using project = await openProject();
  const names = ["writes", "reads"];
  await save(project.root, reportOf(), names);
  const parts = [measuredPart({ name: "writes" })];
  await save(project.root, reportOf({ parts, seed: 2 }), names);
  assert.deepEqual(await readResults(project.root), [
    keptPart({ name: "writes", seed: 2 }),
    keptPart(),
  ]);
});

Deno.test("when the README can't be written, nothing is", async () => {
  await using project = await openProject();
  await Deno.writeTextFile(join(project.root, "tests", "README.md"), "# Without comments\n");
  await assert.rejects(save(project.root, reportOf(), ["reads"]), /tests\/README.md has no/);
  assert.deepEqual(await readResults(project.root), []);
});
