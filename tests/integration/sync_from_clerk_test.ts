/** sync-from-clerk as a process of its own, between a stand-in for Clerk and a real database. */
import assert from "node:assert/strict";
import { ask as askClerk } from "../clerk_api/ask.ts";
import { withEmail } from "../clerk_api/world_instance.ts";
import { deliver } from "../support/stack.ts";
import { rowsOf, seenOf, type SyncFunction, syncTest as test } from "../support/sync_function.ts";

/** What Clerk answers for an object, as a webhook carries it. */
async function snapshotOf({ clerk }: SyncFunction, path: string) {
  return (await askClerk(clerk, `/v1/${path}`)).body as { updated_at: number };
}

test("a signed-in user whose webhooks have not arrived gets their rows by one call", async ({ sql, ids, as, ask }) => {
  const before = await ask({ as, method: "GET", body: { clerkUserId: ids.user } });
  assert.equal(before.said, "200 false");
  assert.deepEqual(await rowsOf(sql, Object.values(ids)), []);

  const { said, differences } = await ask({ as, body: { clerkUserId: ids.user } });
  assert.equal(said, "200 applied");
  assert.deepEqual(differences, before.differences);
  assert.deepEqual(new Set(differences.map(({ kind }) => kind)), new Set(["missing"]));
  assert.deepEqual(await seenOf(sql, [ids.user, ids.org, ids.second]), [
    `${ids.org}: Engines`,
    `${ids.second}: Looms`,
    `${ids.user}: ${ids.user}@example.com`,
    `${ids.user} in ${ids.org}: owner active`,
    `${ids.user} in ${ids.second}: member active`,
  ]);
  assert.equal((await ask({ as, method: "GET" })).said, "200 true");
});

test("a second call is in sync and writes nothing", async ({ sql, ids, as, ask }) => {
  await ask({ as });
  const rows = await rowsOf(sql, Object.values(ids));
  assert.deepEqual(await ask({ as }), { said: "200 in_sync", differences: [] });
  assert.deepEqual(await rowsOf(sql, Object.values(ids)), rows);
});

test("a text that PostgreSQL can't hold is stored without it, and is then in sync", async ({ sql, sync, ids, ask }) => {
  sync.instance.changeUser(ids.user, {
    first_name: "A\0da",
    last_name: "Love\ud800lace",
    public_metadata: { "a\udc00": "\0" },
  });
  sync.instance.changeOrganization(ids.org, { name: "Eng\udfffines" });
  const body = { clerkOrganizationId: ids.org };
  assert.equal((await ask({ as: null, body })).said, "200 applied");
  const [row] = await sql`
    select u.full_name, u.public_metadata, o.name
    from public.users u, public.organizations o
    where u.external_id = ${ids.user} and o.external_id = ${ids.org}
  `;
  assert.deepEqual({ ...row }, {
    full_name: "Ada Love\ufffdlace",
    public_metadata: { "a\ufffd": "" },
    name: "Eng\ufffdines",
  });
  assert.equal((await ask({ as: null, body })).said, "200 in_sync");
});

test("twenty calls at once, and the webhooks between them, leave one state", async ({ sql, sync, ids, as, ask }) => {
  const user = await snapshotOf(sync, `users/${ids.user}`);
  const organization = await snapshotOf(sync, `organizations/${ids.org}`);
  const events = [
    { type: "user.created", data: user, timestamp: user.updated_at + 10 },
    { type: "organization.created", data: organization, timestamp: organization.updated_at + 10 },
  ];
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, () => ask({ as })),
    ...events.map((event) => deliver(event)),
    ...Array.from({ length: 10 }, () => ask({ as })),
  ]);
  const said = answers.flatMap((answer) => "said" in answer ? [answer.said] : []);
  assert.equal(said.length, 20);
  assert.ok(said.every((word) => /^200 (applied|in_sync)$/.test(word)), said.join());
  assert.deepEqual(await seenOf(sql, [ids.user, ids.org]), [
    `${ids.org}: Engines`,
    `${ids.user}: ${ids.user}@example.com`,
    `${ids.user} in ${ids.org}: owner active`,
    `${ids.user} in ${ids.second}: member active`,
  ]);
  assert.equal((await ask({ as, method: "GET" })).said, "200 true");
});

test("what a webhook missed is repaired, and told by its columns", async ({ sql, sync, ids, as, ask }) => {
  await ask({ as });
  sync.instance.changeUser(ids.user, withEmail("new@example.com"));
  sync.instance.changeMembership(ids.membership, { role: "org:admin" });
  const { said, differences } = await ask({ as });
  assert.equal(said, "200 applied");
  assert.deepEqual(differences, [
    { object: "user", clerkId: ids.user, kind: "stale", fields: ["email"] },
    {
      object: "membership",
      clerkId: ids.membership,
      kind: "stale",
      fields: ["role", "clerk_role"],
    },
  ]);
  const seen = await seenOf(sql, [ids.user]);
  assert.ok(seen.includes(`${ids.user}: new@example.com`));
  assert.ok(seen.includes(`${ids.user} in ${ids.second}: admin active`));
});

test("what was written past the sync, or put ahead of Clerk by hand, is repaired", async ({ sql, ids, as, ask }) => {
  await ask({ as });
  await sql`update public.users set email = 'wrong@example.com' where external_id = ${ids.user}`;
  const first = await ask({ as });
  assert.deepEqual(first.differences, [
    { object: "user", clerkId: ids.user, kind: "different", fields: ["email"] },
  ]);
  await sql`
    select public.upsert_user(${ids.user}, p_email => 'ahead@example.com',
      p_updated_at => now() + interval '1 day')
  `;
  const second = await ask({ as });
  assert.equal(second.differences[0]?.kind, "different");
  assert.equal((await ask({ as, method: "GET" })).said, "200 true");
  assert.ok((await seenOf(sql, [ids.user])).includes(`${ids.user}: ${ids.user}@example.com`));
});

test("a webhook of a later change wins over a sync that read before it", async ({ sql, sync, ids, ask }) => {
  const reading = Promise.withResolvers<void>();
  sync.clerk.faults.next(1, { kind: "slow", ms: 300 }, (path) => {
    const isNext = path.endsWith("/organization_memberships");
    if (isNext) reading.resolve();
    return isNext;
  });
  const asked = ask({ as: { sub: ids.user } });
  await reading.promise;
  sync.instance.changeUser(ids.user, withEmail("later@example.com"));
  const data = await snapshotOf(sync, `users/${ids.user}`);
  await deliver({ type: "user.updated", data, timestamp: data.updated_at + 5 });
  assert.equal((await asked).said, "200 applied");
  assert.ok((await seenOf(sql, [ids.user])).includes(`${ids.user}: later@example.com`));
});

test("a user who is gone from Clerk is deleted here, once", async ({ sql, sync, ids, as, ask }) => {
  await ask({ as });
  sync.instance.deleteUser(ids.user);
  const { said, differences } = await ask({ as });
  assert.equal(said, "200 deleted");
  assert.deepEqual(differences, [{
    object: "user",
    clerkId: ids.user,
    kind: "extra",
    fields: [],
  }]);
  const seen = await seenOf(sql, [ids.user]);
  const states = seen.filter((line) => /: member|: owner/.test(line));
  assert.deepEqual(states.map((line) => line.slice(-8)), ["inactive", "inactive"]);
  assert.ok(seen.some((line) => line.endsWith(", deleted")));
  assert.equal((await ask({ as })).said, "200 in_sync");
});

test("a membership that ended in Clerk is removed, and rejoining comes back", async ({ sql, sync, ids, as, ask }) => {
  await ask({ as });
  sync.instance.removeMembership(ids.membership);
  assert.deepEqual((await ask({ as })).differences, [
    { object: "membership", clerkId: ids.membership, kind: "extra", fields: [] },
  ]);
  const isMember = async () =>
    (await seenOf(sql, [ids.user])).includes(`${ids.user} in ${ids.second}: member active`);
  assert.equal(await isMember(), false);
  sync.instance.addMembership(ids.second, ids.user);
  assert.equal((await ask({ as })).said, "200 applied");
  assert.equal(await isMember(), true);
});

test("who was deleted here for good stays so, and the answer says it", async ({ sql, ids, as, ask }) => {
  await ask({ as });
  await sql`select public.delete_user(${ids.user})`;
  const { said, differences } = await ask({ as });
  assert.equal(said, "200 unrepaired");
  assert.partialDeepStrictEqual(differences, [{ object: "user", kind: "deleted" }]);
});

test("a user who appears brings no membership along that Clerk does not have", async ({ sql, sync, ids, ask }) => {
  // The organization was announced, that its creator left was not: the membership waits here for its user.
  await sql`select public.upsert_org_with_owner(${ids.org}, 'Engines', p_created_by => ${ids.user})`;
  sync.instance.removeMembership(`orgmem_${ids.org.slice(4)}`);

  const body = { clerkUserId: ids.user };
  const { said, differences } = await ask({ as: null, body });
  assert.equal(said, "200 applied");
  assert.deepEqual(
    differences.filter(({ kind }) => kind === "extra").map(({ clerkId }) => clerkId),
    [`${ids.org}:${ids.user}`],
  );
  assert.deepEqual(await seenOf(sql, [ids.user]), [
    `${ids.user}: ${ids.user}@example.com`,
    `${ids.user} in ${ids.second}: member active`,
  ]);
  assert.equal((await ask({ as: null, method: "GET", body })).said, "200 true");
});

for (const table of ["users", "organizations"] as const) {
  test(`what is marked as deleted in ${table} lives again, with its memberships`, async ({ sql, ids, ask }) => {
    const body = { clerkUserId: ids.user, clerkOrganizationId: ids.org };
    await ask({ as: null, body });
    const before = await seenOf(sql, [ids.org]);
    const id = table === "users" ? ids.user : ids.org;
    await sql`update public.${sql(table)} set deleted_at = now() where external_id = ${id}`;
    await sql`
      update public.organization_members m set status = 'inactive'
      from public.organizations o where o.id = m.organization_id and o.external_id = ${ids.org}
    `;
    assert.equal((await ask({ as: null, body })).said, "200 applied");
    assert.deepEqual(await seenOf(sql, [ids.org]), before);
    assert.equal((await ask({ as: null, body })).said, "200 in_sync");
  });
}

test("a slug that a repair frees goes to nobody who lost it in Clerk", async ({ sql, ids, ask }) => {
  const body = { clerkUserId: ids.user };
  await ask({ as: null, body });
  const lent = `lent-${ids.org}`;
  await sql`
    update clerk_sync.organization_register set claimed_slug = ${lent} where external_id = ${ids.org}
  `;
  await sql`select public.upsert_org_with_owner(${ids.second}, 'Looms', ${lent}, p_with_owner => false)`;
  assert.equal((await ask({ as: null, body })).said, "200 applied");
  const rows = await sql`select 1 from public.organizations where slug = ${lent}`;
  assert.equal(rows.length, 0);
  assert.equal((await ask({ as: null, method: "GET", body })).said, "200 true");
});
