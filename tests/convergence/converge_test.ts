import assert from "node:assert/strict";
import converge from "../../scripts/converge.ts";
import { bodyText } from "../../scripts/converge/clerk/world.ts";
import { planHistory } from "../../scripts/converge/plan.ts";
import { interleave } from "../../scripts/converge/schedule.ts";
import { isClean, Tally } from "../../scripts/converge/tally.ts";

Deno.test("converge: a seed repeats histories and orders, and a number picks one of them", () => {
  const bodies = (seed: number, index: number) => planHistory(seed, index, "t").order.map(bodyText);
  assert.deepEqual(bodies(7, 3), bodies(7, 3));
  assert.notDeepEqual(bodies(7, 3), bodies(7, 4));
  assert.notDeepEqual(bodies(7, 3), bodies(8, 3));
});

Deno.test("converge: deliveries of so many histories alternate, each in its own order", () => {
  const plans = [{ order: ["a1", "a2", "a3"] }, { order: ["b1"] }, { order: ["c1", "c2"] }];
  const items = [...interleave(plans, 2)].map(({ item }) => item);
  assert.deepEqual(items, ["a1", "b1", "a2", "a3", "c1", "c2"]);
});

Deno.test("converge: an error answer, a divergence or a miscount of the ledger is a failure", () => {
  const good = { differences: [], ledger: [], attempts: 1 };
  const reportOf = (answer: string, verdict: typeof good | { differences: string[] }) => {
    const tally = new Tally();
    tally.answered(answer);
    tally.judged(0, 1, { ...good, ...verdict });
    return tally.report(1, 1, false);
  };
  assert.ok(isClean(reportOf("200 applied", good)));
  assert.ok(!isClean(reportOf("503 unavailable", good)));
  assert.ok(!isClean(reportOf("200 applied", { differences: ["users user_1: missing"] })));
  assert.ok(!isClean(reportOf("200 applied", { ...good, attempts: 2 })));
});

Deno.test("converge: a number out of range, or without its option, is refused", () => {
  assert.throws(() => converge.parse(["--histories", "0"]), /from 1 to 1000000/);
  assert.throws(() => converge.parse(["--concurrency", "65"]), /from 1 to 64/);
  assert.throws(() => converge.parse(["200"]), /after `--`/);
});
