import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { asSuperuser } from "../support/as_superuser.ts";
import { GRANT_PG_CRON, PG_CRON } from "../support/pg_cron.ts";
import { superuserUrl } from "../support/stack_env.ts";

/** Hosted, `postgres` may look at everything; another owner of the migrations may not. */
const SEES_LITTLE = "revoke pg_read_all_data from postgres;";

type State = { scheduled: string; isScheduled: boolean | null };

const WORLDS: [what: string, before: string, after: State][] = [
  ["no pg_cron", "", { scheduled: "no pg_cron", isScheduled: null }],
  [
    "pg_cron that is granted",
    PG_CRON + GRANT_PG_CRON,
    { scheduled: "scheduled", isScheduled: true },
  ],
  ["pg_cron that is not granted", PG_CRON, {
    scheduled: "not scheduled: permission denied for function schedule",
    isScheduled: false,
  }],
  ["pg_cron whose schema is not granted", SEES_LITTLE + PG_CRON, {
    scheduled: "not scheduled: permission denied for schema cron",
    isScheduled: null,
  }],
  [
    "pg_cron whose function is not granted",
    SEES_LITTLE + PG_CRON + "grant usage on schema cron to postgres;",
    {
      scheduled: "not scheduled: permission denied for function schedule",
      isScheduled: null,
    },
  ],
  [
    "pg_cron whose table is not granted",
    SEES_LITTLE + PG_CRON + GRANT_PG_CRON +
    "alter function cron.schedule security invoker; revoke all on cron.job from postgres;",
    { scheduled: "not scheduled: permission denied for table job", isScheduled: null },
  ],
  [
    "pg_cron whose function lacks what it needs",
    PG_CRON + GRANT_PG_CRON + "alter table cron.job drop column command;",
    {
      scheduled: 'not scheduled: column "command" of relation "job" does not exist',
      isScheduled: false,
    },
  ],
  [
    "pg_cron that the server was started without",
    PG_CRON + GRANT_PG_CRON +
    "create or replace function cron.schedule(job_name text, schedule text, command text) returns bigint language plpgsql as $$ begin raise exception 'pg_cron is not loaded' using errcode = 'XX000'; end $$;",
    { scheduled: "not scheduled: pg_cron is not loaded", isScheduled: false },
  ],
  [
    "a schema of that name without anything",
    "create schema cron; grant usage on schema cron to postgres;",
    { scheduled: "no pg_cron", isScheduled: null },
  ],
  [
    "a table of that name that is something else",
    "create schema cron; grant usage on schema cron to postgres; create table cron.job (a int); grant select on cron.job to postgres;",
    { scheduled: "no pg_cron", isScheduled: null },
  ],
];
for (const [what, before, after] of WORLDS) {
  Deno.test(`with ${what}, scheduling the purge fails nothing and says what it came to`, async () => {
    await inTransaction(before, async (sql) => {
      const [row] = await sql`select public.sync_schedule_purge() as scheduled`;
      const [asked] = await sql`select public.sync_is_purge_scheduled() as is_scheduled`;
      assert.deepEqual({ scheduled: row?.scheduled, isScheduled: asked?.is_scheduled }, after);
    });
  });
}

Deno.test("scheduling twice leaves one job, and its command works", async () => {
  await inTransaction(PG_CRON + GRANT_PG_CRON, async (sql) => {
    await sql`select public.sync_schedule_purge()`;
    await sql`select public.sync_schedule_purge('30 days')`;
    const jobs = await sql`select jobname, schedule, command from cron.job`;
    assert.deepEqual(jobs.map((job) => ({ ...job })), [{
      jobname: "clerk-sync-purge",
      schedule: "*/5 * * * *",
      command: "select public.sync_purge_events('30 days')",
    }]);
    await sql.unsafe(jobs[0]!.command);
  });
});

Deno.test("a job that is not there, or was switched off, purges nothing", async () => {
  await inTransaction(PG_CRON + GRANT_PG_CRON, async (sql) => {
    const isScheduled = async () =>
      (await sql`select public.sync_is_purge_scheduled() as is_scheduled`)[0]?.is_scheduled;
    assert.equal(await isScheduled(), false);
    await sql`select public.sync_schedule_purge()`;
    await sql`update cron.job set active = false where true`;
    assert.equal(await isScheduled(), false);
  });
});

/** Prepares the database as its superuser, for one test alone. */
async function inTransaction(
  before: string,
  run: (sql: TransactionSql) => Promise<void>,
): Promise<void> {
  const undone = new Error("undone");
  await asSuperuser(superuserUrl(), async (sql) => {
    const done = sql.begin(async (transaction) => {
      await transaction.unsafe(before).simple();
      await run(transaction);
      throw undone;
    });
    await assert.rejects(done, (error) => {
      if (error !== undone) throw error;
      return true;
    });
  });
}
