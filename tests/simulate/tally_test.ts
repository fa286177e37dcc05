import assert from "node:assert/strict";
import { type DeliveryResult, resultOf, Tally } from "../../scripts/simulate/run.ts";

const DELIVERY = { id: "msg_1", type: "user.created", body: "{}" };

function result(changes: Partial<DeliveryResult>): DeliveryResult {
  return {
    type: "user.created",
    id: "msg_1",
    ok: true,
    status: 200,
    outcome: "applied",
    ms: 1,
    ...changes,
  };
}

Deno.test("only 2xx counts as delivered", () => {
  for (
    const [status, ok] of [[199, false], [200, true], [299, true], [302, false], [
      401,
      false,
    ]] as const
  ) {
    assert.equal(resultOf(DELIVERY, { kind: "answered", status, word: null, ms: 1 }).ok, ok);
  }
  const unanswered = resultOf(DELIVERY, { kind: "unanswered", reason: "timeout", ms: 1 });
  assert.equal(unanswered.ok, false);
  assert.equal(unanswered.status, null);
  assert.equal(unanswered.outcome, "timeout");
});

Deno.test("results are counted by status and outcome, most frequent first", () => {
  const tally = new Tally();
  tally.add(result({ ok: false, status: 503, outcome: "unavailable" }));
  tally.add(result({}));
  tally.add(result({}));
  const summary = tally.summary(1500);
  assert.deepEqual(summary.counts, [
    { status: 200, outcome: "applied", count: 2 },
    { status: 503, outcome: "unavailable", count: 1 },
  ]);
  assert.equal(summary.ok, 2);
  assert.equal(summary.failed, 1);
  assert.equal(summary.perSecond, 2);
});

Deno.test("percentiles are values that were measured", () => {
  const tally = new Tally();
  for (let ms = 100; ms >= 1; ms--) tally.add(result({ ms }));
  assert.deepEqual(tally.summary(1).ms, { p50: 50, p95: 95, max: 100 });
});

Deno.test("a run without results has figures too", () => {
  const summary = new Tally().summary(0);
  assert.deepEqual(summary.ms, { p50: 0, p95: 0, max: 0 });
  assert.equal(summary.perSecond, 0);
});
