/** What is in the way of one of several deliveries that go together: the others don't pay for it, and nothing is lost. */
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import {
  type CallRpc,
  classify,
  createCallRpc,
  type RpcCall,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { eventually } from "../stack/eventually.ts";
import { drop, hangOn } from "../support/app_trigger.ts";
import { deliverAsPage, type Verified } from "../support/page.ts";
import { databaseTest as test, newEventId, newStory } from "../support/stack.ts";
import { stackEnv } from "../support/stack_env.ts";

const { API_URL, SECRET_KEY } = stackEnv();

/** A delivery that tells of a user of its own. */
type Told = Verified & { user: string };

function tell(metadata: string = "{}"): Told {
  const event = newStory()("user.created");
  const user = `user_${newEventId().slice(4).replaceAll("-", "")}`;
  const data = { ...event.data, id: user, username: null, public_metadata: "METADATA" };
  const body = JSON.stringify({ ...event, data }).replace('"METADATA"', metadata);
  return { id: newEventId(), body, user };
}

function tellMany(count: number): [Told, ...Told[]] {
  return [tell(), ...Array.from({ length: count - 1 }, () => tell())];
}

/** Calls the Data API as the function does, and remembers what was called: a page by its size and the first RPC in it. */
function watched(callRpc: CallRpc = createCallRpc(API_URL, SECRET_KEY)) {
  const called: string[] = [];
  return {
    called,
    callRpc: ((call, signal) => {
      called.push(wordOf(call));
      return callRpc(call, signal);
    }) satisfies CallRpc,
  };
}

function wordOf({ name, args }: RpcCall): string {
  if (!("p_calls" in args)) return name;
  const calls = args.p_calls as { rpc: string }[];
  return `${calls.length} ${calls[0]?.rpc}`;
}

/** How the events stand in the ledger, as `applied, 1`, and what it names. */
async function ledgerOf(sql: Sql, page: Told[]): Promise<string[]> {
  const rows = await sql`
    select event_id, concat_ws(', ', outcome, attempts, error_code, error) as line
    from clerk_sync.events where event_id = any (${page.map(({ id }) => id)})
  `;
  return page.map(({ id }) => rows.find((row) => row.event_id === id)?.line ?? "missing");
}

async function assertApplied(sql: Sql, page: Told[]): Promise<void> {
  assert.deepEqual(await ledgerOf(sql, page), page.map(() => "applied, 1"));
  const rows = await sql`
    select from public.users where external_id = any (${page.map(({ user }) => user)})
  `;
  assert.equal(rows.length, page.length);
}

test("whose row an app keeps is waited for by itself: the 49 others are applied meanwhile", async (sql) => {
  const [kept, ...others] = tellMany(50);
  await sql`select public.upsert_user(${kept.user}, p_updated_at => '2020-01-01')`;
  const { called, callRpc } = watched();
  const waits = await sql.begin(async (app) => {
    await app`select from public.users where external_id = ${kept.user} for update`;
    const answers = deliverAsPage([kept, ...others], callRpc);
    assert.deepEqual(new Set(await Promise.all(answers.slice(1))), new Set(["200 applied"]));
    await assertApplied(sql, others);
    // In a function, or the transaction would wait for it.
    return () => answers[0];
  });
  assert.equal(await waits(), "200 applied");
  await assertApplied(sql, [kept]);
  assert.deepEqual(called, ["50 upsert_user", "upsert_user"]);
});

test("what a page had no time to begin goes with the next one: each is applied once", async (sql) => {
  const page = tellMany(6);
  for (const { user } of page) await hangOn(sql, user, "perform pg_sleep(0.3); return new");
  try {
    const { called, callRpc } = watched();
    const answers = await Promise.all(deliverAsPage(page, callRpc));
    assert.deepEqual(answers, page.map(() => "200 applied"));
    await assertApplied(sql, page);
    assert.equal(called[0], "6 upsert_user");
    assert.equal(called.length, 2, called.join(", "));
  } finally {
    for (const { user } of page) await drop(sql, user);
  }
});

const REFUSING: [what: string, body: string, isLate: boolean][] = [
  ["refuses", "raise exception 'no'", false],
  ["refuses at the commit", "raise exception 'no'", true],
  ["raises what no handler is meant for", "raise assert_failure", false],
];

for (const [what, body, isLate] of REFUSING) {
  test(`of ten deliveries the one that a trigger ${what} fails alone, and is named`, async (sql) => {
    const page = tellMany(10);
    const [guilty, ...others] = page;
    await hangOn(sql, guilty.user, body, isLate);
    try {
      const { called, callRpc } = watched();
      const [answer, ...ofOthers] = await Promise.all(deliverAsPage(page, callRpc));
      assert.equal(answer, "503 unavailable");
      assert.deepEqual(ofOthers, others.map(() => "200 applied"));
      const alone = isLate ? page.map(() => "upsert_user") : [];
      assert.deepEqual(called, ["10 upsert_user", ...alone, "sync_retry_event"]);
    } finally {
      await drop(sql, guilty.user);
    }
    await assertApplied(sql, others);
    const [line] = await ledgerOf(sql, [guilty]);
    assert.match(line!, RegExp(`^failed, 1, P000[14], function app_refuses.${guilty.user}$`));
  });
}

test("a hundred deliveries of 10 kB go in two pages", async (sql) => {
  const metadata = JSON.stringify({ text: "é".repeat(5_000) });
  const page = Array.from({ length: 100 }, () => tell(metadata));
  const { called, callRpc } = watched();
  const answers = await Promise.all(deliverAsPage(page, callRpc));
  assert.deepEqual(answers, page.map(() => "200 applied"));
  await assertApplied(sql, page);
  assert.deepEqual(called, ["50 upsert_user", "50 upsert_user"]);
});

test("a database that has no pages yet gets each call by itself", async (sql) => {
  const callRpc = createCallRpc(API_URL, SECRET_KEY);
  const older = watched((call, signal) => {
    const isPage = call.name === "sync_apply_events";
    return callRpc(isPage ? { ...call, name: "sync_apply_later" as never } : call, signal);
  });
  const page = tellMany(5);
  const answers = await Promise.all(deliverAsPage(page, older.callRpc));
  assert.deepEqual(answers, page.map(() => "200 applied"));
  await assertApplied(sql, page);
});

test("a value that no page can hold is refused as it is alone, and the others are applied", async (sql) => {
  // Their JSON has a number that jsonb can't hold. The stack's Data API makes a null of it, PostgREST hands it on.
  const { code } = await sql`select '[1e400000]'::jsonb`.catch((error) => error);
  for (const refusal of [code, "PGRST102"]) {
    const page = tellMany(5);
    const [guilty, ...others] = page;
    const callRpc = createCallRpc(API_URL, SECRET_KEY);
    const answers = await Promise.all(deliverAsPage(page, (call, signal) => {
      const isMeant = JSON.stringify(call).includes(guilty.user) && call.name !== "record_event";
      return isMeant ? Promise.resolve(classify(refusal)) : callRpc(call, signal);
    }));
    assert.notEqual(answers[0], "200 applied");
    assert.deepEqual(answers.slice(1), others.map(() => "200 applied"));
    await assertApplied(sql, others);
  }
});

test("a page that PostgreSQL cancels is not sent again: each is 503, failed, and applied when it comes again", async (sql) => {
  const page = tellMany(5);
  const { called, callRpc } = watched();
  const answers = await cutOff(sql, "pg_cancel_backend", page, callRpc);
  assert.deepEqual(answers, page.map(() => "503 unavailable"));
  assert.deepEqual(called.filter((word) => word.includes("upsert")), ["5 upsert_user"]);
  assert.deepEqual(await ledgerOf(sql, page), page.map(() => "failed, 1, 57014"));

  await Promise.all(deliverAsPage(page, callRpc));
  assert.deepEqual(await ledgerOf(sql, page), page.map(() => "applied, 2"));
});

test("a page whose connection is cut is not sent again: each is 503, and applied when it comes again", async (sql) => {
  const page = tellMany(5);
  const { called, callRpc } = watched();
  const answers = await cutOff(sql, "pg_terminate_backend", page, callRpc);
  assert.deepEqual(answers, page.map(() => "503 unavailable"));
  assert.deepEqual(called.filter((word) => word.includes("upsert")), ["5 upsert_user"]);

  // The Data API may take a moment to connect again.
  await eventually("all are applied", async () => {
    const again = await Promise.all(deliverAsPage(page, callRpc));
    return again.every((answer) => answer.startsWith("200"));
  });
  for (const line of await ledgerOf(sql, page)) assert.match(line, /^applied, /);
});

/** Delivers a page whose last event never ends, ends its backend's work, and says what was answered. */
async function cutOff(
  sql: Sql,
  end: "pg_cancel_backend" | "pg_terminate_backend",
  page: Told[],
  callRpc: CallRpc,
): Promise<string[]> {
  const { user } = page.at(-1)!;
  await hangOn(sql, user, "perform pg_sleep(60); return new");
  try {
    const answers = deliverAsPage(page, callRpc);
    await eventually("the page is cut off", async () => {
      const { count } = await sql`
        select ${sql(end)}(pid) from pg_stat_activity
        where wait_event = 'PgSleep' and query like '%sync_apply_events%'
      `;
      return count > 0;
    });
    return await Promise.all(answers);
  } finally {
    await drop(sql, user);
  }
}
