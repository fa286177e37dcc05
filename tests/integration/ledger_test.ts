import assert from "node:assert/strict";
import { signDelivery } from "../../scripts/simulate/delivery.ts";
import { stackEnv } from "../support/stack_env.ts";
import { databaseTest, deliver, deliverBody, newEventId, newStory, said } from "./support.ts";

databaseTest("a type that the sync does not follow is recorded as ignored", async (sql) => {
  const id = newEventId();
  const event = { type: "email.created", data: { id: "ema_1", to: "ada@example.com" } };
  assert.equal(said(await deliver(event, id)), "200 ignored");
  const [row] = await sql`select * from clerk_sync.events where event_id = ${id}`;
  assert.equal(row?.outcome, "ignored");
  assert.equal(row?.event_type, "email.created");
  assert.equal(row?.object_id, "ema_1");
});

databaseTest("a signed body that Clerk would not send is recorded as rejected", async (sql) => {
  const id = newEventId();
  assert.equal(said(await deliver({ type: "user.created", data: {} }, id)), "422 rejected");
  const [row] = await sql`select * from clerk_sync.events where event_id = ${id}`;
  assert.equal(row?.outcome, "rejected");
  assert.equal(row?.error_code, "invalid_body");
  assert.equal(row?.error, "data.id: expected string");
});

databaseTest("an unsigned request leaves no trace in the database", async (sql) => {
  const event = newStory()("user.created");
  const body = JSON.stringify(event);
  const id = newEventId();
  const { headers } = signDelivery({
    id,
    body,
    secret: `whsec_${btoa("not the secret of this endpoint")}`,
    at: new Date(),
  });
  const { WEBHOOK_URL } = stackEnv();
  for (const sent of [headers, { "content-type": "application/json" }]) {
    const response = await fetch(WEBHOOK_URL, { method: "POST", headers: sent, body });
    assert.equal(response.status, 401);
    assert.deepEqual(await response.json(), { error: "invalid_signature" });
  }
  const [row] = await sql`
    select
      (select count(*)::int from clerk_sync.events where event_id = ${id}) as events,
      (select count(*)::int from public.users where external_id = ${event.data
    .id as string}) as users
  `;
  assert.deepEqual({ ...row }, { events: 0, users: 0 });
});

databaseTest("the ledger holds no personal data of an event", async (sql) => {
  const id = newEventId();
  await deliver(newStory()("user.created"), id);
  const [row] = await sql`select e::text as line from clerk_sync.events e where event_id = ${id}`;
  assert.doesNotMatch(row?.line, /@|Ada|Lovelace|example/);
});

databaseTest(
  "an event that PostgreSQL can't store is rejected, not tried for ever",
  async (sql) => {
    const id = newEventId();
    const nested = `${'{"a":'.repeat(40_000)}1${"}".repeat(40_000)}`;
    const body = `{"type":"user.created","data":{"id":"user_${id}","public_metadata":${nested}}}`;
    assert.equal(said(await deliverBody(body, id)), "422 rejected");
    const [row] =
      await sql`select outcome, error_code from clerk_sync.events where event_id = ${id}`;
    assert.equal(row?.outcome, "rejected");
  },
);

databaseTest("null bytes and half surrogates are left out of what is stored", async (sql) => {
  const id = newEventId();
  const body =
    String.raw`{"type":"user.created","data":{"id":"user_${id}","first_name":"A\u0000da",` +
    String.raw`"last_name":"Love\ud800lace","public_metadata":{"a\u0000b":"c\u0000d"}}}`;
  assert.equal(said(await deliverBody(body, id)), "200 applied");
  const [row] = await sql`
    select full_name, public_metadata from public.users where external_id = ${`user_${id}`}
  `;
  assert.deepEqual({ ...row }, { full_name: "Ada Love\ufffdlace", public_metadata: { ab: "cd" } });
});

databaseTest("a name of 10,000 characters is stored whole", async (sql) => {
  const id = newEventId();
  const name = "é".repeat(10_000);
  const event = { type: "user.created", data: { id: `user_${id}`, first_name: name } };
  assert.equal(said(await deliver(event)), "200 applied");
  const [row] = await sql`select full_name from public.users where external_id = ${`user_${id}`}`;
  assert.equal(row?.full_name, name);
});

databaseTest(
  "a call that hangs in the database is cut off, and its retry succeeds",
  async (sql) => {
    const event = newStory()("user.created");
    const id = newEventId();
    const user = event.data.id as string;

    await sql.begin(async (holder) => {
      await holder`select pg_advisory_xact_lock(hashtextextended('user:' || ${user}, 0))`;
      // The sender gives up when Svix would.
      assert.equal(said(await deliver(event, id)), "503 unavailable");
    });

    // The first call was waiting for the lock, and goes on when it is released.
    const retried = said(await deliver(event, id));
    assert.ok(["200 applied", "200 duplicate"].includes(retried), retried);
    const [row] = await sql`select outcome from clerk_sync.events where event_id = ${id}`;
    assert.equal(row?.outcome, "applied");
  },
);
