import assert from "node:assert/strict";
import { run } from "../../scripts/purge/run.ts";

const FULL = { events: 5, sessions: 1, is_done: false };
const LAST = { events: 2, sessions: 0, is_done: true };

function purge(answers: unknown[], signal = new AbortController().signal, onBatch = () => {}) {
  const calls: unknown[] = [];
  const rpc = (name: string, args?: object) => {
    calls.push([name, args]);
    return Promise.resolve(answers[calls.length - 1]);
  };
  const options = { olderThanDays: 30, batch: 5, pauseMs: 0, maxBatches: 3 };
  return { calls, report: run({ ...options, rpc, signal, onBatch }) };
}

Deno.test("batches are purged until one says that it is done", async () => {
  const { calls, report } = purge([FULL, FULL, LAST]);
  assert.deepEqual(await report, { ending: "done", events: 12, sessions: 2, batches: 3 });
  assert.deepEqual(calls[0], ["purge_events", { p_older_than: "30 days", p_batch: 5 }]);
});

Deno.test("after as many batches as allowed more may be left", async () => {
  const { calls, report } = purge([FULL, FULL, FULL, LAST]);
  assert.equal((await report).ending, "more_left");
  assert.equal(calls.length, 3);
});

Deno.test("Ctrl-C ends the run after the batch under way", async () => {
  const interruption = new AbortController();
  const { calls, report } = purge([FULL, LAST], interruption.signal, () => interruption.abort());
  assert.equal((await report).ending, "interrupted");
  assert.equal(calls.length, 1);
});

Deno.test("another answer than that of the RPC is no end", async () => {
  await assert.rejects(purge([null]).report);
});
