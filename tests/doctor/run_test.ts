import assert from "node:assert/strict";
import {
  type Check,
  type Context,
  failure,
  type Finding,
  ok,
  warning,
} from "../../scripts/doctor/check.ts";
import { CHECKS } from "../../scripts/doctor/checks.ts";
import { formatResult } from "../../scripts/doctor/format.ts";
import { run } from "../../scripts/doctor/run.ts";

function check(id: string, needs: string[], end: () => Promise<Finding> | Finding): Check {
  return { id, title: `the ${id}`, needs, run: end };
}

async function levels(checks: Check[], signal = new AbortController().signal) {
  const context = {} as Context;
  const results = await run({ checks, context, checkTimeoutMs: 50, signal, onResult: () => {} });
  return results.map(({ id, level, detail }) => `${id} ${level} ${detail}`);
}

Deno.test("what needs a failed check is skipped, and says which", async () => {
  const checks = [
    check("a", [], () => failure("no", "mend")),
    check("b", ["a"], () => ok("yes")),
    check("c", ["b"], () => ok("yes")),
    check("d", [], () => ok("yes")),
  ];
  assert.deepEqual(await levels(checks), [
    "a failure no",
    "b skipped needs the a",
    "c skipped needs the b",
    "d ok yes",
  ]);
});

Deno.test("a warning stands in nobody's way", async () => {
  const checks = [check("a", [], () => warning("so", "mend")), check("b", ["a"], () => ok("yes"))];
  assert.deepEqual(await levels(checks), ["a warning so", "b ok yes"]);
});

Deno.test("a check that does not end, and one that throws, are failures that quote nothing", async () => {
  const checks = [
    check("a", [], () => new Promise(() => {})),
    check("b", [], () => Promise.reject(new TypeError("sb_secret_hidden"))),
  ];
  assert.deepEqual(await levels(checks), [
    "a failure no end within 0.05 s",
    "b failure could not be told (TypeError)",
  ]);
});

Deno.test("Ctrl-C ends the run at once, whatever is under way", async () => {
  const interruption = new AbortController();
  const checks = [
    check("a", [], () => ok("yes")),
    check("b", [], () => {
      interruption.abort();
      return new Promise(() => {});
    }),
    check("c", [], () => ok("yes")),
  ];
  assert.deepEqual(await levels(checks, interruption.signal), ["a ok yes"]);
});

Deno.test("every check is there once, after those that it needs", () => {
  const ids = CHECKS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const [index, { id, needs }] of CHECKS.entries()) {
    assert.ok(needs.every((need) => ids.slice(0, index).includes(need)), id);
  }
});

Deno.test("a terminal gets marks and a file gets words, with the remedy below", () => {
  const result = { id: "a", title: "clock", ...failure("late\x1b[2J", "set it") };
  assert.match(formatResult(result, true, false), /^✘ {2}clock +late\?\[2J\n +→ set it$/);
  assert.match(formatResult(result, false, false), /^failure {2}clock +late/);
});
