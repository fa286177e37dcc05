import assert from "node:assert/strict";
import { databaseTest, newEventId } from "../support/stack.ts";
import { runCommand } from "../support/run_command.ts";
import { stackEnv } from "../support/stack_env.ts";

/** So old that nothing of another test is. */
const AGE = ["--older-than", "9000d"];

function purge(...args: string[]) {
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
    select ${prefix} || n, 'user.created', case when n = 0 then 'failed' else 'applied' end::clerk_sync.event_outcome, '2000-01-01'
    from generate_series(0, 7) n
  `;
  const left = () =>
    sql`select event_id from clerk_sync.events where event_id like ${prefix + "%"}`;

  const stopped = await purge("--batch", "3", "--max-batches", "1", "--json");
  assert.equal(stopped.code, 1);
  assert.equal(JSON.parse(stopped.stdout).events, 3);
  assert.equal((await left()).length, 5);

  const done = await purge("--batch", "3", "--pause", "0");
  assert.equal(done.code, 0);
  assert.match(done.stdout, /^purged 4 events and 0 sign-ins .* in 2 batches; nothing is left\n$/);
  assert.deepEqual((await left()).map(({ event_id }) => event_id), [`${prefix}0`]);
  await sql`delete from clerk_sync.events where event_id = ${prefix + "0"}`;
});

Deno.test("wrong usage is exit code 2", async () => {
  assert.equal((await purge("--batch", "0")).code, 2);
});
