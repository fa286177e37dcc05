/** Subscriptions and invitations, from a signed delivery to the row and the organization's plan. */
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { route } from "../../supabase/functions/clerk-webhook/route.ts";
import {
  dataApi,
  databaseTest as test,
  deliver,
  newEventId,
  newStory,
  said,
} from "../support/stack.ts";

/** A story, and the organization that it is of. */
function newOrganization() {
  const story = newStory();
  return { story, organization: story("organization.created").data.id as string };
}

async function planOf(sql: Sql, organization: string): Promise<unknown> {
  const [row] =
    await sql`select plan from public.organizations where external_id = ${organization}`;
  return row?.plan;
}

async function itemsOf(sql: Sql, organization: string): Promise<unknown[]> {
  const rows = await sql`
    select external_id, subscription_external_id, plan, plan_name, status, "interval", is_free_trial, seats
    from public.subscriptions where organization_external_id = ${organization} order by created_at
  `;
  return rows.map((row) => ({ ...row }));
}

async function ledgerOf(sql: Sql, id: string) {
  const [row] = await sql`
    select outcome, attempts, object_id, organization_external_id, error_code, error, e::text as line
    from clerk_sync.events e where event_id = ${id}
  `;
  const { line, ...entered } = row!;
  assert.doesNotMatch(line, /@|4900|mary|somerville|engine/i);
  return entered;
}

test("an item that arrives before its organization gives it its plan, and takes it with its end", async (sql) => {
  const { story, organization } = newOrganization();
  assert.equal(said(await deliver(story("subscriptionItem.active"))), "200 applied");
  assert.equal(said(await deliver(story("organization.created"))), "200 applied");
  assert.equal(await planOf(sql, organization), "pro");
  assert.equal(said(await deliver(story("subscriptionItem.ended"))), "200 applied");
  assert.equal(await planOf(sql, organization), "free");
  assert.equal(said(await deliver(story("subscriptionItem.active"))), "200 stale");
  assert.equal(await planOf(sql, organization), "free");
});

for (const [first, second] of [["nested", "alone"], ["alone", "nested"]] as const) {
  test(`an item that is told ${first} and then ${second} is one row that knows payer and subscription`, async (sql) => {
    const { story, organization } = newOrganization();
    const alone = story("subscriptionItem.active");
    const { id, subscription_id } = alone.data;
    const events = { nested: story("subscription.active"), alone };
    for (const told of [first, second]) {
      assert.match(said(await deliver(events[told])), /^200 (applied|stale)$/);
    }
    const [free, ...others] = await itemsOf(sql, organization) as { status: string }[];
    assert.equal(free?.status, "ended");
    assert.deepEqual(others, [{
      external_id: id,
      subscription_external_id: subscription_id,
      plan: "pro",
      plan_name: "Pro",
      status: "active",
      interval: "month",
      is_free_trial: true,
      seats: 5,
    }]);
  });
}

test("a delivery that comes three times at once is applied once", async (sql) => {
  const { story, organization } = newOrganization();
  const id = newEventId();
  const answers = await Promise.all(
    [1, 2, 3].map(async () => said(await deliver(story("subscription.created"), id))),
  );
  assert.deepEqual(answers.sort(), ["200 applied", "200 duplicate", "200 duplicate"]);
  assert.equal((await itemsOf(sql, organization)).length, 1);
  const { outcome, attempts, object_id, organization_external_id } = await ledgerOf(sql, id);
  assert.deepEqual([outcome, attempts], ["applied", 3]);
  assert.deepEqual(object_id, story("subscription.created").data.id);
  assert.equal(organization_external_id, organization);
});

test("a constraint of the app's on plans fails an item, by its name; once it is gone the event is applied", async (sql) => {
  const { story, organization } = newOrganization();
  await deliver(story("organization.created"));
  const constraint = `app_plans_${organization.toLowerCase()}`;
  const event = story("subscriptionItem.active");
  const id = newEventId();
  await sql.unsafe(`
    alter table public.organizations add constraint ${constraint}
      check (external_id <> '${organization}' or plan = 'free') not valid
  `);
  try {
    assert.equal(said(await deliver(event, id)), "503 unavailable");
    assert.deepEqual(await ledgerOf(sql, id), {
      outcome: "failed",
      attempts: 1,
      object_id: event.data.id,
      organization_external_id: organization,
      error_code: "23514",
      error: `constraint ${constraint} of public.organizations`,
    });
    assert.deepEqual(await itemsOf(sql, organization), []);
  } finally {
    await sql.unsafe(`alter table public.organizations drop constraint ${constraint}`);
  }

  const routed = route(event.type, event.data);
  assert.ok(routed.kind === "apply");
  const { data } = await dataApi("SECRET_KEY").rpc("sync_retry_event", {
    p_rpc: routed.call.name,
    p_arguments: { ...routed.call.args, p_event_id: id, p_event_type: event.type },
  });
  assert.deepEqual(data, { outcome: "applied", error_code: null, error: null });
  assert.equal(await planOf(sql, organization), "pro");
  assert.equal(said(await deliver(event, id)), "200 duplicate");
});

test("a subscription of a thousand items is applied, of one more rejected, with who pays in the ledger", async (sql) => {
  for (const [count, expected] of [[1_000, "200 applied"], [1_001, "422 rejected"]] as const) {
    const { story, organization } = newOrganization();
    const event = story("subscription.created");
    const items = Array.from(
      { length: count },
      (_, index) => ({ id: `csub_item_${index}_${organization}`, status: "upcoming" }),
    );
    const id = newEventId();
    assert.equal(said(await deliver({ ...event, data: { ...event.data, items } }, id)), expected);
    const isApplied = expected === "200 applied";
    assert.equal((await itemsOf(sql, organization)).length, isApplied ? count : 0);
    const { outcome, organization_external_id, error_code } = await ledgerOf(sql, id);
    assert.deepEqual([outcome, organization_external_id, error_code], [
      expected.slice(4),
      organization,
      isApplied ? null : "invalid_body",
    ]);
  }
});

test("a subscription of no items changes nothing", async (sql) => {
  const { story, organization } = newOrganization();
  const event = story("subscription.created");
  const answer = said(await deliver({ ...event, data: { ...event.data, items: [] } }));
  assert.equal(answer, "200 stale");
  assert.deepEqual(await itemsOf(sql, organization), []);
});

test("an invitation that was accepted stays so when its creation comes late, and makes no member", async (sql) => {
  const { story, organization } = newOrganization();
  const id = newEventId();
  assert.equal(said(await deliver(story("organizationInvitation.accepted"), id)), "200 applied");
  assert.equal(said(await deliver(story("organizationInvitation.created"))), "200 stale");
  assert.equal(said(await deliver(story("organizationInvitation.revoked"))), "200 applied");
  const rows = await sql`
    select status, role, inviter_external_id, user_external_id
    from public.organization_invitations where organization_external_id = ${organization}
    order by updated_at
  `;
  const { user_id, inviter_id } = story("organizationInvitation.accepted").data;
  const inviter_external_id = inviter_id;
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { status: "accepted", role: "admin", inviter_external_id, user_external_id: user_id },
    { status: "revoked", role: "member", inviter_external_id, user_external_id: null },
  ]);
  const [members] = await sql`
    select count(*)::int as count
    from public.organization_members m
    join public.users u on u.id = m.user_id
    where u.external_id = ${user_id as string}
  `;
  assert.equal(members?.count, 0);
  assert.equal((await ledgerOf(sql, id)).organization_external_id, organization);
});
