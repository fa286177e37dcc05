/** What is paid for, and who is invited, by sync-from-clerk on a real database. */
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import type { SmallWorld, SyncFunction } from "../support/sync_function.ts";
import { syncTest as test } from "../support/sync_function.ts";

/** Of the user's own organization: `pro`, one who is invited, and one who was; of the user: `plus`. */
function addSnapshots({ instance }: SyncFunction, { org, user }: SmallWorld) {
  const tag = org.slice(4);
  const ids = {
    item: `csub_item_o${tag}`,
    userItem: `csub_item_u${tag}`,
    invitation: `orginv_a${tag}`,
    accepted: `orginv_b${tag}`,
  };
  instance.addItem(org, "pro", { id: ids.item });
  instance.addItem(user, "plus", { id: ids.userItem });
  instance.addInvitation(org, { id: ids.invitation });
  instance.addInvitation(org, { id: ids.accepted, status: "accepted" });
  return ids;
}

/** All of it that is here, as `csub_item_1 pro active`. */
async function hereOf(sql: Sql, { org, user }: SmallWorld): Promise<string[]> {
  const rows = await sql`
    select concat_ws(' ', external_id, plan, status) as line
    from public.subscriptions
    where organization_external_id = ${org} or user_external_id = ${user}
    union all
    select concat_ws(' ', external_id, status)
    from public.organization_invitations
    where organization_external_id = ${org}
    order by line
  `;
  return rows.map(({ line }) => line);
}

async function planOf(sql: Sql, { org }: SmallWorld): Promise<string> {
  const [row] = await sql`select plan from public.organizations where external_id = ${org}`;
  return row?.plan;
}

test("an organization brings its subscription and those who are invited, and its plan follows", async ({ sql, sync, ids, ask }) => {
  const { item, invitation } = addSnapshots(sync, ids);
  const body = { clerkOrganizationId: ids.org };
  const { said, differences } = await ask({ as: null, body });
  assert.equal(said, "200 applied");
  assert.deepEqual(
    differences.filter(({ object }) => /subscription|invitation/.test(object)),
    [
      { object: "invitation", clerkId: invitation, kind: "missing", fields: [] },
      { object: "subscription", clerkId: item, kind: "missing", fields: [] },
    ],
  );
  assert.deepEqual(await hereOf(sql, ids), [`${item} pro active`, `${invitation} pending`]);
  assert.equal(await planOf(sql, ids), "pro");
  assert.deepEqual(await ask({ as: null, body }), { said: "200 in_sync", differences: [] });
});

test("a user brings what the user pays for, and nothing of the organization's", async ({ sql, sync, ids, as, ask }) => {
  const { userItem } = addSnapshots(sync, ids);
  assert.equal((await ask({ as })).said, "200 applied");
  assert.deepEqual(await hereOf(sql, ids), [`${userItem} plus active`]);
  assert.equal((await ask({ as, method: "GET" })).said, "200 true");
});

test("what changed, ended or was accepted in Clerk while its event was lost is repaired", async ({ sql, sync, ids, ask }) => {
  const { item, invitation } = addSnapshots(sync, ids);
  const body = { clerkOrganizationId: ids.org };
  await ask({ as: null, body });
  sync.instance.changeItem(item, { status: "ended" });
  sync.instance.changeInvitation(invitation, { status: "accepted", user_id: ids.other });
  const { said, differences } = await ask({ as: null, body });
  assert.equal(said, "200 applied");
  assert.deepEqual(differences, [
    {
      object: "invitation",
      clerkId: invitation,
      kind: "stale",
      fields: ["status", "user_external_id"],
    },
    { object: "subscription", clerkId: item, kind: "stale", fields: ["status"] },
  ]);
  assert.deepEqual(await hereOf(sql, ids), [`${item} pro ended`, `${invitation} accepted`]);
  assert.equal(await planOf(sql, ids), "free");
});

test("what was written past the sync, or put ahead of Clerk by hand, is repaired", async ({ sql, sync, ids, ask }) => {
  const { item, invitation } = addSnapshots(sync, ids);
  const body = { clerkOrganizationId: ids.org };
  await ask({ as: null, body });
  await sql`update public.subscriptions set plan = 'team' where external_id = ${item}`;
  await sql`
    select public.record_snapshots('invitation', ${
    sql.json([{ p_external_id: invitation, p_email: "x@example.com" }])
  })
  `;
  const { said, differences } = await ask({ as: null, body });
  assert.equal(said, "200 applied");
  assert.deepEqual(differences.map(({ clerkId, kind, fields }) => [clerkId, kind, fields]), [
    [invitation, "different", ["email"]],
    [item, "different", ["plan"]],
  ]);
  assert.equal((await ask({ as: null, body })).said, "200 in_sync");
});

test("what is gone from Clerk is ended, and stays so", async ({ sql, sync, ids, ask }) => {
  const { item, invitation } = addSnapshots(sync, ids);
  const body = { clerkOrganizationId: ids.org };
  await ask({ as: null, body });
  sync.instance.addItem(ids.org, "team", { id: `${item}2` });
  sync.instance.removeItem(item);
  sync.instance.removeInvitation(invitation);
  assert.equal((await ask({ as: null, body })).said, "200 applied");
  assert.deepEqual(await hereOf(sql, ids), [
    `${item} pro ended`,
    `${item}2 team active`,
    `${invitation} revoked`,
  ]);
  assert.deepEqual(await ask({ as: null, body }), { said: "200 in_sync", differences: [] });
});

for (const billing of [403, 404] as const) {
  test(`Billing that is off by now, by ${billing}, ends nothing, and keeps no member from being synced`, async ({ sql, sync, ids, as, ask }) => {
    const { item, invitation, userItem } = addSnapshots(sync, ids);
    const body = { clerkOrganizationId: ids.org };
    await ask({ as: null, body });
    await ask({ as });
    sync.clerk.billing = billing;
    sync.instance.removeInvitation(invitation);
    assert.deepEqual((await ask({ as: null, body })).differences, [
      { object: "invitation", clerkId: invitation, kind: "extra", fields: [] },
    ]);
    assert.equal((await ask({ as })).said, "200 in_sync");
    assert.deepEqual(await hereOf(sql, ids), [
      `${item} pro active`,
      `${userItem} plus active`,
      `${invitation} revoked`,
    ]);
  });
}
