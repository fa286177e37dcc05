import assert from "node:assert/strict";
import { join } from "node:path";
import { runCommand } from "../support/run_command.ts";
import type { Report } from "./command/report.ts";
import { PARTS } from "./parts.ts";
import { hasPgbench } from "./sql/pgbench.ts";

const BENCH = join(import.meta.dirname!, "bench.ts");

function bench(...args: string[]) {
  return runCommand("bench", { args });
}

const NEED_PGBENCH = ["sql", "growth"];

for (const name of Object.keys(PARTS)) {
  const title =
    `a quick run of ${name} measures, tells its targets, and prints nothing but the report`;
  const ignore = NEED_PGBENCH.includes(name) && !hasPgbench();
  Deno.test(title, { ignore }, async () => {
    const { code, stdout, stderr } = await bench(name, "--quick", "--json");
    assert.equal(code, 0, stderr);
    const { isQuick, command, parts }: Report = JSON.parse(stdout);
    assert.equal(isQuick, true);
    assert.equal(command, `npm run bench -- ${name} --quick --json`);
    assert.deepEqual(parts.map((part) => part.name), [name]);
    const [part] = parts;
    assert.ok(part?.outcome === "measured", stderr);
    assert.ok(part.title.length > 0 && Object.keys(part.settings).length > 0);
    assert.ok(part.measures.length > 0);
    for (const measure of part.measures) {
      assert.ok(Number.isFinite(measure.value), JSON.stringify(measure));
      assert.ok(measure.group.length > 0 && measure.name.length > 0, JSON.stringify(measure));
    }
    const bars = part.measures.map(({ group, name, unit }) => [group, name, unit].join());
    assert.equal(new Set(bars).size, bars.length, "two measures with the same names and unit");
    for (const target of part.targets) {
      assert.ok(Number.isFinite(target.value), JSON.stringify(target));
    }
  });
}

Deno.test("a run that is interrupted ends with 130, and tells what it had measured", async () => {
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", BENCH, "sync-status", "--json"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = new Response(child.stdout).text();
  let stderr = "";
  let isTold = false;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    stderr += text;
    if (!isTold && stderr.includes("sync-status: ")) {
      child.kill("SIGINT");
      isTold = true;
    }
  }
  assert.equal((await child.status).code, 130, stderr);
  const { isInterrupted, parts }: Report = JSON.parse(await stdout);
  assert.equal(isInterrupted, true);
  assert.deepEqual(parts, []);
});

Deno.test("--help names every part, and starts nothing", async () => {
  const { code, stdout, stderr } = await bench("--help");
  assert.equal(code, 0);
  assert.equal(stderr, "");
  for (const name of Object.keys(PARTS)) assert.ok(stdout.includes(`\n  ${name}\n`), name);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 100, line);
});

Deno.test("wrong usage ends with 2, and says why on stderr alone", async () => {
  const { code, stdout, stderr } = await bench("nothing");
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^There is no part nothing\./);
});
