/** sync-from-clerk: what its own writes move is compared and repaired too. */
import assert from "node:assert/strict";
import { databaseTest } from "./support.ts";
import { seenOf, startSync } from "./sync_support.ts";
import { addSmallWorld } from "./sync_world.ts";

databaseTest(
  "a user who appears brings no membership along that Clerk does not have",
  async (sql) => {
    await using sync = await startSync(sql);
    const ids = addSmallWorld(sync.instance);
    // The organization was announced, that its creator left was not: the membership waits here for its user.
    await sql`select public.upsert_org_with_owner(${ids.org}, 'Engines', p_created_by => ${ids.user})`;
    sync.instance.removeMembership(`orgmem_${ids.org.slice(4)}`);

    const body = { clerkUserId: ids.user };
    const { said, differences } = await sync.ask({ as: null, body });
    assert.equal(said, "200 applied");
    assert.deepEqual(
      differences.filter(({ kind }) => kind === "extra").map(({ clerkId }) => clerkId),
      [`${ids.org}:${ids.user}`],
    );
    assert.deepEqual(await seenOf(sql, [ids.user]), [
      `${ids.user}: ${ids.user}@example.com`,
      `${ids.user} in ${ids.second}: member active`,
    ]);
    assert.equal((await sync.ask({ as: null, method: "GET", body })).said, "200 true");
  },
);

for (const table of ["users", "organizations"] as const) {
  databaseTest(
    `what is marked as deleted in ${table} lives again, with its memberships`,
    async (sql) => {
      await using sync = await startSync(sql);
      const ids = addSmallWorld(sync.instance);
      const body = { clerkUserId: ids.user, clerkOrganizationId: ids.org };
      await sync.ask({ as: null, body });
      const before = await seenOf(sql, [ids.org]);
      const id = table === "users" ? ids.user : ids.org;
      await sql`update public.${sql(table)} set deleted_at = now() where external_id = ${id}`;
      await sql`
      update public.organization_members m set status = 'inactive'
      from public.organizations o where o.id = m.organization_id and o.external_id = ${ids.org}
    `;
      assert.equal((await sync.ask({ as: null, body })).said, "200 applied");
      assert.deepEqual(await seenOf(sql, [ids.org]), before);
      assert.equal((await sync.ask({ as: null, body })).said, "200 in_sync");
    },
  );
}

databaseTest("a slug that a repair frees goes to nobody who lost it in Clerk", async (sql) => {
  await using sync = await startSync(sql);
  const ids = addSmallWorld(sync.instance);
  const body = { clerkUserId: ids.user };
  await sync.ask({ as: null, body });
  const lent = `lent-${ids.org}`;
  await sql`
    update clerk_sync.organization_register set claimed_slug = ${lent} where external_id = ${ids.org}
  `;
  await sql`select public.upsert_org_with_owner(${ids.second}, 'Looms', ${lent}, p_with_owner => false)`;
  assert.equal((await sync.ask({ as: null, body })).said, "200 applied");
  const rows = await sql`select 1 from public.organizations where slug = ${lent}`;
  assert.equal(rows.length, 0);
  assert.equal((await sync.ask({ as: null, method: "GET", body })).said, "200 true");
});
