import assert from "node:assert/strict";
import type { Answer } from "../../scripts/simulate/delivery.ts";
import type { Plan, PlannedDelivery } from "../../scripts/simulate/plan.ts";
import {
  type DeliveryResult,
  resultOf,
  run,
  type RunInput,
  Tally,
} from "../../scripts/simulate/run.ts";

const APPLIED: Answer = { kind: "answered", status: 200, word: "applied", ms: 1 };
const REFUSED: Answer = { kind: "unanswered", reason: "connection_refused", ms: 1 };

function planOf(total: number): Plan {
  return { total, delivery: (index) => ({ id: String(index), type: "user.created", body: "" }) };
}

async function runWith(changes: Partial<RunInput>) {
  const results: DeliveryResult[] = [];
  const ending = await run({
    plan: planOf(10),
    concurrency: 1,
    signal: new AbortController().signal,
    deliver: () => Promise.resolve(APPLIED),
    report: (result) => results.push(result),
    ...changes,
  });
  return { ending, ids: results.map(({ id }) => id) };
}

Deno.test("as many are in flight as asked for, and no more", async () => {
  let inFlight = 0;
  let most = 0;
  const { ids } = await runWith({
    concurrency: 4,
    deliver: async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inFlight--;
      return APPLIED;
    },
  });
  assert.equal(most, 4);
  assert.equal(new Set(ids).size, 10);
});

Deno.test("when nobody ever answered, one delivery says so and the others are not tried", async () => {
  let tried = 0;
  const deliver = () => {
    tried++;
    return Promise.resolve(REFUSED);
  };
  const { ending, ids } = await runWith({ concurrency: 4, deliver });
  assert.equal(ending, "nothing_there");
  assert.equal(ids.length, 1);
  assert.equal(tried, 4);
});

Deno.test("once somebody answered, a refused connection is one failure among others", async () => {
  const deliver = ({ id }: PlannedDelivery) => Promise.resolve(id === "3" ? REFUSED : APPLIED);
  const { ending, ids } = await runWith({ deliver });
  assert.equal(ending, "complete");
  assert.equal(ids.length, 10);
});

Deno.test("after an interruption nothing more is tried", async () => {
  const interruption = new AbortController();
  const tried: string[] = [];
  const { ids } = await runWith({
    signal: interruption.signal,
    deliver: ({ id }) => {
      tried.push(id);
      if (id === "1") interruption.abort();
      return Promise.resolve(APPLIED);
    },
  });
  assert.deepEqual(tried, ["0", "1"]);
  assert.deepEqual(ids, ["0", "1"]);
});

const DELIVERY = { id: "msg_1", type: "user.created", body: "{}" };

function result(changes: Partial<DeliveryResult>): DeliveryResult {
  return { ...resultOf(DELIVERY, APPLIED), ...changes };
}

Deno.test("only 2xx counts as delivered", () => {
  const delivered = [199, 200, 299, 302, 401].filter((status) =>
    resultOf(DELIVERY, { kind: "answered", status, word: null, ms: 1 }).ok
  );
  assert.deepEqual(delivered, [200, 299]);
  const unanswered = resultOf(DELIVERY, { kind: "unanswered", reason: "timeout", ms: 1 });
  assert.partialDeepStrictEqual(unanswered, { ok: false, status: null, outcome: "timeout" });
});

Deno.test("results are counted by status and outcome, most frequent first", () => {
  const tally = new Tally();
  tally.add(result({ ok: false, status: 503, outcome: "unavailable" }));
  tally.add(result({}));
  tally.add(result({}));
  const counts = [
    { status: 200, outcome: "applied", count: 2 },
    { status: 503, outcome: "unavailable", count: 1 },
  ];
  const expected = { counts, ok: 2, failed: 1, perSecond: 2 };
  assert.partialDeepStrictEqual(tally.summary(1500), expected);
});

Deno.test("percentiles are values that were measured", () => {
  const tally = new Tally();
  for (let ms = 100; ms >= 1; ms--) tally.add(result({ ms }));
  assert.deepEqual(tally.summary(1).ms, { p50: 50, p95: 95, max: 100 });
});

Deno.test("a run without results has figures too", () => {
  const expected = { ms: { p50: 0, p95: 0, max: 0 }, perSecond: 0 };
  assert.partialDeepStrictEqual(new Tally().summary(0), expected);
});
