import assert from "node:assert/strict";
import { SAMPLE_TYPES } from "../../scripts/simulate/samples.ts";
import {
  databaseTest as test,
  deliver,
  deliverBody,
  newEventId,
  newStory,
  said,
} from "../support/stack.ts";

test("nothing that users write about themselves keeps a ban away", async (sql) => {
  const story = newStory();
  const { id } = story("user.created").data as { id: string };
  await deliver(story("user.created"));
  const event = story("user.updated");
  for (const levels of [3_400, 190_000]) {
    const deep = `${"[".repeat(levels)}"\\ud83d\\ude00\\u0000"${"]".repeat(levels)}`;
    for (const banned of [true, false]) {
      Object.assign(event.data, { updated_at: Date.now(), banned, unsafe_metadata: "DEEP" });
      const body = JSON.stringify(event).replace('"DEEP"', () => deep);
      assert.equal(said(await deliverBody(body)), "200 applied");
      const [user] = await sql`select banned from public.users where external_id = ${id}`;
      assert.deepEqual({ ...user }, { banned });
    }
  }
});

test("user.created becomes a row, with the metadata as it came, by its digits and with all its keys", async (sql) => {
  const metadata = '{"a":12345678901234567891,"__proto__":[1e400,{"b":0.12345678901234567890}]}';
  const event = newStory()("user.created");
  const { id } = event.data as { id: string };
  Object.assign(event.data, { public_metadata: "METADATA" });
  const body = JSON.stringify(event).replace('"METADATA"', metadata);
  assert.equal(said(await deliverBody(body)), "200 applied");
  const [row] = await sql`
    select email, full_name, public_metadata = ${metadata}::text::jsonb as is_same
    from public.users where external_id = ${id}
  `;
  const { email_addresses, primary_email_address_id } = event.data;
  const email = (email_addresses as { id: string; email_address: string }[])
    .find(({ id }) => id === primary_email_address_id)?.email_address;
  assert.deepEqual({ ...row }, { email, full_name: "Ada Lovelace", is_same: true });
});

test("every sample, in story order, is applied and leaves the story's end", async (sql) => {
  const story = newStory();
  const types = SAMPLE_TYPES.filter((type) => !/session\.(removed|revoked)/.test(type));
  for (const type of types) {
    assert.equal(said(await deliver(story(type))), "200 applied", type);
  }

  const user = story("user.deleted").data.id as string;
  const organization = story("organization.deleted").data.id as string;
  const [row] = await sql`
    select
      (select deleted_at from public.users where external_id = ${user}) as user_deleted_at,
      (select deleted_at from public.organizations where external_id = ${organization}) as org_deleted_at,
      (select slug from public.organizations where external_id = ${organization}) as slug,
      (select count(*)::int from public.organization_members m
        join public.organizations o on o.id = m.organization_id
        where o.external_id = ${organization}) as members,
      (select status from public.user_sessions where user_external_id = ${user}) as session_status,
      (select array_agg(status order by created_at) from public.subscriptions
        where organization_external_id = ${organization}) as subscriptions,
      (select array_agg(status order by updated_at) from public.organization_invitations
        where organization_external_id = ${organization}) as invitations
  `;
  assert.deepEqual({ ...row }, {
    user_deleted_at: new Date(story("user.deleted").timestamp),
    org_deleted_at: new Date(story("organization.deleted").timestamp),
    slug: null,
    members: 0,
    session_status: "ended",
    subscriptions: ["ended", "ended", "abandoned"],
    invitations: ["accepted", "revoked"],
  });
});

test("a duplicate delivery changes nothing but the ledger's attempts", async (sql) => {
  const story = newStory();
  const event = story("organizationMembership.created");
  const id = newEventId();
  assert.equal(said(await deliver(event, id)), "200 applied");
  const before = await snapshot();
  assert.equal(said(await deliver(event, id)), "200 duplicate");
  assert.equal(said(await deliver(event, id)), "200 duplicate");
  assert.deepEqual(await snapshot(), before);

  const [row] = await sql`select attempts, outcome from clerk_sync.events where event_id = ${id}`;
  assert.deepEqual({ ...row }, { attempts: 3, outcome: "applied" });

  // ctid and xmin are those of the row version: they change with any write, even of the same values.
  async function snapshot() {
    const { id: membership, public_user_data, organization } = event.data;
    const ids = {
      "public.users": (public_user_data as { user_id: string }).user_id,
      "public.organizations": (organization as { id: string }).id,
      "public.organization_members": membership as string,
      "clerk_sync.membership_register": membership as string,
    };
    const found = Object.entries(ids).map(([table, id]) =>
      sql`select ctid::text, xmin::text from ${sql(table)} where external_id = ${id}`
    );
    const rows = (await Promise.all(found)).flat();
    assert.equal(rows.length, 4);
    return rows.map((row) => ({ ...row }));
  }
});

const CREATED = { event_type: "user.created", object_id: null, error_code: "invalid_body" };

const RECORDED: [event: unknown, said: string, row: Record<string, unknown>][] = [
  [
    { type: "email.created", data: { id: "ema_1", to: "ada@example.com" } },
    "200 ignored",
    { event_type: "email.created", object_id: "ema_1", error_code: null, error: null },
  ],
  [
    { type: "user.created", data: {} },
    "422 rejected",
    { ...CREATED, error: "data.id: expected string" },
  ],
];

for (const [event, expected, row] of RECORDED) {
  test(`what is answered ${expected} is entered as that, with no more of the body`, async (sql) => {
    const id = newEventId();
    assert.equal(said(await deliver(event, id)), expected);
    const [entered] = await sql`
      select event_type, object_id, error_code, error, outcome, e::text as line
      from clerk_sync.events e where event_id = ${id}
    `;
    const { outcome, line, ...rest } = entered!;
    assert.deepEqual(rest, row);
    assert.equal(outcome, expected.slice(4));
    assert.doesNotMatch(line, /@/);
  });
}

test("a call that hangs in the database is cut off, and its retry succeeds", async (sql) => {
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
});
