import assert from "node:assert/strict";
import { purge } from "../../scripts/purge.ts";
import { databaseTest, newEventId } from "../support/stack.ts";
import { runCommand } from "../support/run_command.ts";
import { stackEnv } from "../support/stack_env.ts";

/** So old that nothing of another test is. */
const AGE = ["--older-than", "9000d"];

function runPurge(...args: string[]) {
  const { API_URL, SECRET_KEY } = stackEnv();
  return runCommand("purge", {
    args: [...AGE, ...args],
    env: { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY },
  });
}

databaseTest("old settled events go batch by batch, and open ones stay", async (sql) => {
  const prefix = newEventId();
  await sql`
    insert into clerk_sync.events (event_id, event_type, outcome, outcome_at)
    select ${prefix} || n, 'user.created',
      case when n = 0 then 'failed' else 'applied' end::clerk_sync.event_outcome, '2000-01-01'
    from generate_series(0, 7) n
  `;
  const left = () =>
    sql`select event_id from clerk_sync.events where event_id like ${prefix + "%"}`;

  const stopped = await runPurge("--batch", "3", "--max-batches", "1", "--json");
  assert.equal(stopped.code, 1);
  assert.equal(JSON.parse(stopped.stdout).events, 3);
  assert.equal((await left()).length, 5);

  const done = await runPurge("--batch", "3", "--pause", "0");
  assert.equal(done.code, 0);
  assert.match(done.stdout, /^purged 4 events and 0 sign-ins .* in 2 batches; nothing is left\n$/);
  assert.deepEqual((await left()).map(({ event_id }) => event_id), [`${prefix}0`]);
  await sql`delete from clerk_sync.events where event_id = ${prefix + "0"}`;
});

const FULL = { events: 5, sessions: 1, is_done: false };
const LAST = { events: 2, sessions: 0, is_done: true };

function purging(answers: unknown[], signal = new AbortController().signal, onBatch = () => {}) {
  const calls: unknown[] = [];
  const rpc = (name: string, args?: object) => {
    calls.push([name, args]);
    return Promise.resolve(answers[calls.length - 1]);
  };
  const options = { olderThanDays: 30, batch: 5, pauseMs: 0, maxBatches: 3 };
  return { calls, report: purge({ ...options, rpc, signal, onBatch }) };
}

Deno.test("batches are purged until one says that it is done", async () => {
  const { calls, report } = purging([FULL, FULL, LAST]);
  assert.deepEqual(await report, { ending: "done", events: 12, sessions: 2, batches: 3 });
  assert.deepEqual(calls[0], ["sync_purge_events", { p_older_than: "30 days", p_batch: 5 }]);
});

Deno.test("after as many batches as allowed more may be left", async () => {
  const { calls, report } = purging([FULL, FULL, FULL, LAST]);
  assert.equal((await report).ending, "more_left");
  assert.equal(calls.length, 3);
});

Deno.test("Ctrl-C ends the run after the batch under way", async () => {
  const interruption = new AbortController();
  const { calls, report } = purging([FULL, LAST], interruption.signal, () => interruption.abort());
  assert.equal((await report).ending, "interrupted");
  assert.equal(calls.length, 1);
});

Deno.test("another answer than that of the RPC is no end", async () => {
  await assert.rejects(purging([null]).report);
});
