import assert from "node:assert/strict";
import type { Answer } from "../../scripts/simulate/delivery.ts";
import type { Plan, PlannedDelivery } from "../../scripts/simulate/plan.ts";
import { type DeliveryResult, run, type RunInput } from "../../scripts/simulate/run.ts";

const APPLIED: Answer = { kind: "answered", status: 200, word: "applied", ms: 1 };
const REFUSED: Answer = { kind: "unanswered", reason: "connection_refused", ms: 1 };
const INTERRUPTED: Answer = { kind: "unanswered", reason: "interrupted", ms: 1 };

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

Deno.test("one at a time, deliveries keep the plan's order", async () => {
  const { ending, ids } = await runWith({});
  assert.equal(ending, "complete");
  assert.deepEqual(ids, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
});

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

Deno.test("an interruption reports what was answered and drops what was in flight", async () => {
  const interruption = new AbortController();
  const { ending, ids } = await runWith({
    concurrency: 2,
    signal: interruption.signal,
    deliver: async ({ id }) => {
      if (id !== "1") return APPLIED;
      await Promise.resolve();
      interruption.abort();
      return INTERRUPTED;
    },
  });
  assert.equal(ending, "interrupted");
  assert.ok(ids.length > 0 && ids.length < 9, String(ids));
  assert.ok(!ids.includes("1"));
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
