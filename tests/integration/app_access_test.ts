import assert from "node:assert/strict";
import {
  type AppClient,
  appOf,
  appWith,
  changeUser,
  codeOf,
  dataOf,
  found,
  join,
  remove,
  signUp,
} from "../support/app.ts";

for (const version of [1, 2] as const) {
  Deno.test(`a token of version ${version} opens what is its user's, in one query`, async () => {
    const [ada, bob] = [await signUp("Ada"), await signUp("Bob")];
    const engines = await found("Engines", ada);
    await join(engines, bob);
    await found("Looms", await signUp("Otto"));

    const app = appOf({ sub: bob, version, orgId: engines, orgRole: "org:member" });
    const organizations = await dataOf(
      app.from("organizations").select(
        "external_id, name, organization_members(role, status, public_user_data(external_id, full_name))",
      ),
    );
    for (const { organization_members } of organizations) {
      organization_members.sort((a, b) => a.role < b.role ? 1 : -1);
    }
    const member = (role: string, external_id: string, full_name: string) => ({
      role,
      status: "active",
      public_user_data: { external_id, full_name },
    });
    const members = [member("owner", ada, "Ada"), member("member", bob, "Bob")];
    const expected = { external_id: engines, name: "Engines", organization_members: members };
    assert.deepEqual(organizations, [expected]);
  });

  Deno.test(`a token of version ${version} tells who is signed in, where, and as what`, async () => {
    const ada = await signUp("Ada");
    const engines = await found("Engines", ada);
    const looms = await found("Looms", await signUp("Otto"));
    await join(looms, ada);
    const app = appOf({ sub: ada, version, orgId: looms, orgRole: "org:member" });

    const me = await dataOf(app.rpc("my_user").maybeSingle());
    assert.deepEqual([me?.external_id, me?.full_name], [ada, "Ada"]);
    assert.equal(await dataOf(app.rpc("my_user_id")), me?.id);
    const mine = await dataOf(app.rpc("my_organizations"));
    assert.deepEqual(mine.map(({ external_id, role }) => [external_id, role]), [
      [engines, "owner"],
      [looms, "member"],
    ]);
    const [first, second] = mine.map(({ id }) => id);
    assert.equal(await dataOf(app.rpc("active_organization_id")), second);
    assert.deepEqual(await dataOf(app.rpc("my_organization_ids", { p_roles: ["owner"] })), [first]);
    const ask = async (id: string) => [
      await dataOf(app.rpc("is_member_of", { p_organization_id: id })),
      await dataOf(app.rpc("is_admin_of", { p_organization_id: id })),
      await dataOf(app.rpc("is_owner_of", { p_organization_id: id })),
    ];
    assert.deepEqual(await ask(first!), [true, true, true]);
    assert.deepEqual(await ask(second!), [true, false, false]);
  });
}

Deno.test("owner and admin change the timezone, a member does not, and nobody the plan or the name", async () => {
  const [ada, bob, eve] = [await signUp("Ada"), await signUp("Bob"), await signUp("Eve")];
  const engines = await found("Engines", ada);
  await join(engines, bob, "org:admin");
  await join(engines, eve);
  const change = (user: string, fields: { plan?: string; timezone?: string; name?: string }) =>
    appOf({ sub: user, orgId: engines, orgRole: "org:admin" })
      .from("organizations").update(fields).eq("external_id", engines).select("timezone");

  assert.deepEqual(await dataOf(change(ada, { timezone: "Asia/Tokyo" })), [
    { timezone: "Asia/Tokyo" },
  ]);
  const rome = { timezone: "Europe/Rome" };
  assert.deepEqual(await dataOf(change(bob, rome)), [rome]);
  // Though her token says that she is an admin.
  assert.deepEqual(await dataOf(change(eve, { timezone: "UTC" })), []);
  for (const user of [ada, bob, eve]) {
    assert.equal(await codeOf(change(user, { plan: "pro" })), "42501");
    assert.equal(await codeOf(change(user, { timezone: "UTC", plan: "pro" })), "42501");
    assert.equal(await codeOf(change(user, { name: "Looms" })), "42501");
  }
  assert.deepEqual(
    await dataOf(appOf({ sub: eve }).from("organizations").select("name, plan, timezone")),
    [{ name: "Engines", plan: "free", ...rome }],
  );
});

Deno.test("who is not signed in is refused by every table and function", async () => {
  const app = appWith(null);
  const tables = ["users", "public_user_data", "organizations", "organization_members"] as const;
  for (const table of [...tables, "user_sessions"] as const) {
    assert.equal(await codeOf(app.from(table).select("id")), "42501", table);
  }
  for (const rpc of ["my_user", "my_user_id", "my_organizations", "my_organization_ids"] as const) {
    assert.equal(await codeOf(app.rpc(rpc)), "42501", rpc);
  }
});

Deno.test("who is signed in writes nothing of Clerk's, and calls no RPC of the sync", async () => {
  const ada = await signUp("Ada");
  const engines = await found("Engines", ada);
  const app = appOf({ sub: ada, orgId: engines, orgRole: "org:admin" });
  const codes = await Promise.all([
    app.from("users").update({ email: "x@example.com" }).eq("external_id", ada),
    app.from("users").delete().eq("external_id", ada),
    app.from("users").upsert({ external_id: ada, email: "x@example.com" }),
    app.from("public_user_data").update({ full_name: "x" }).eq("external_id", ada),
    app.from("public_user_data").delete().eq("external_id", ada),
    app.from("organizations").insert({ external_id: "org_mine", name: "Mine" }),
    app.from("organization_members").update({ role: "owner" }).neq("role", ""),
    app.from("organization_members").delete().neq("role", ""),
    app.from("user_sessions").update({ status: "active" }).neq("status", ""),
    app.rpc("set_membership", { p_organization_external_id: engines, p_user_external_id: ada }),
    app.rpc("upsert_user", { p_external_id: ada }),
    app.rpc("delete_org", { p_external_id: engines }),
    app.rpc("sync_list_users"),
    app.rpc("sync_status"),
  ].map(codeOf));
  assert.deepEqual(new Set(codes), new Set(["42501"]));
});

Deno.test("in the first minute a new user is nobody, until the webhook has come", async () => {
  const ada = `user_${crypto.randomUUID().replaceAll("-", "")}`;
  const app = appOf({ sub: ada });
  assert.equal(await dataOf(app.rpc("my_user").maybeSingle()), null);
  assert.equal(await dataOf(app.rpc("my_user_id")), null);
  assert.deepEqual(await dataOf(app.from("users").select("id")), []);

  // A membership that comes first brings the user along.
  const engines = await found("Engines", await signUp("Otto"));
  await join(engines, ada);
  assert.equal((await dataOf(app.rpc("my_organizations")))[0]?.external_id, engines);
  await changeUser(ada, { first_name: "Ada", last_name: null });
  assert.equal((await dataOf(app.rpc("my_user").maybeSingle()))?.full_name, "Ada");
});

Deno.test("a removed member is out at the next request, though the token still names the organization", async () => {
  const [ada, bob] = [await signUp("Ada"), await signUp("Bob")];
  const engines = await found("Engines", ada);
  const member = await join(engines, bob, "org:admin");
  const app = appOf({ sub: bob, orgId: engines, orgRole: "org:admin" });
  const { id } = (await dataOf(app.rpc("my_organizations")))[0]!;
  const all = { organizations: 1, members: 2, people: 1, active: id, isMember: true };
  assert.deepEqual(await seenBy(app, id, ada), all);

  await remove(member);
  const nothing = { organizations: 0, members: 0, people: 0, active: null, isMember: false };
  assert.deepEqual(await seenBy(app, id, ada), nothing);
  const change = app.from("organizations").update({ timezone: "UTC" }).eq("id", id).select("id");
  assert.deepEqual(await dataOf(change), []);
  assert.equal((await dataOf(app.rpc("my_user").maybeSingle()))?.full_name, "Bob");

  await join(engines, bob);
  assert.equal((await seenBy(app, id, ada)).members, 2);
});

/** What a client sees of an organization, and of somebody in it. */
async function seenBy(app: AppClient, id: string, user: string) {
  const count = async (rows: PromiseLike<{ data: unknown; error: unknown }>) =>
    (await dataOf(rows) as unknown[]).length;
  return {
    organizations: await count(app.from("organizations").select("id").eq("id", id)),
    members: await count(app.from("organization_members").select("id").eq("organization_id", id)),
    people: await count(app.from("public_user_data").select("id").eq("external_id", user)),
    active: await dataOf(app.rpc("active_organization_id")),
    isMember: await dataOf(app.rpc("is_member_of", { p_organization_id: id })),
  };
}
