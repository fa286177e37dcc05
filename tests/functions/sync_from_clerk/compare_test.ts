import assert from "node:assert/strict";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { databaseBy, emptyDatabase, type FakeDatabase, row } from "../../support/fake_database.ts";
import { signedIn, startEndpoint, usersOf, writesOf } from "../../support/sync_endpoint.ts";

const SESSION = { sub: "user_1" };
const AT_CLERK = Date.parse("2026-03-01T09:00:00.000Z");

/** user_1, who made org_1 and is a member of org_2. */
function small(): WorldInstance {
  const instance = new WorldInstance();
  const times = { created_at: AT_CLERK, updated_at: AT_CLERK };
  instance.addUser({ id: "user_1", ...times });
  instance.addUser({ id: "user_2" });
  instance.addOrganization({ id: "org_1", created_by: "user_1", ...times });
  instance.addOrganization({ id: "org_2", created_by: "user_2", ...times });
  instance.addMembership("org_2", "user_1", "org:member", { id: "orgmem_2", ...times });
  return instance;
}

/** The arguments of the calls of one RPC. */
function argsOf(database: FakeDatabase, name: string): Record<string, unknown>[] {
  return database.calls.filter((call) => call.name === name).map(({ args }) => args);
}

Deno.test("a copy in sync is answered 200 in_sync, and not written", async () => {
  await using endpoint = startEndpoint({ instance: small() });
  const headers = await signedIn(SESSION);
  const synced = await endpoint.ask({ headers });
  assert.deepEqual(synced.body, { outcome: "in_sync", differences: [] });
  const checked = await endpoint.ask({ method: "GET", headers });
  assert.deepEqual(checked.body, { inSync: true, differences: [] });
  assert.deepEqual(writesOf(endpoint.calls), []);
});

Deno.test("a user, all memberships and their organizations are compared", async () => {
  const database = emptyDatabase();
  await using endpoint = startEndpoint({ instance: small(), database });
  await endpoint.sync(SESSION);
  const compared = ["sync_compare_users", "sync_compare_orgs", "sync_compare_memberships"].map((
    name,
  ) => idsOf(endpoint.calls, name).map((id) => id.replace(/byHand.*/, "…")).sort());
  assert.deepEqual(compared, [["user_1"], ["org_1", "org_2"], ["orgmem_2", "orgmem_…"]]);
  assert.deepEqual(argsOf(database, "sync_list_memberships"), [{
    p_after: null,
    p_limit: 500,
    p_user_external_id: "user_1",
    p_organization_external_id: null,
  }]);
});

Deno.test("what is missing is written, as of just before Clerk was asked", async () => {
  const missing: Record<string, string> = {
    sync_compare_users: "user_1",
    sync_compare_orgs: "org_2",
    sync_compare_memberships: "orgmem_2",
  };
  let isWritten = false;
  const database = databaseBy(({ name }) => {
    isWritten ||= name === "set_membership";
    const id = isWritten ? undefined : missing[name];
    return { kind: "done", answer: id && [row(id, "missing")] };
  });
  await using endpoint = startEndpoint({ instance: small(), database });
  const before = new Date().toISOString();
  assert.equal(await endpoint.sync(SESSION), "200 applied");
  assert.deepEqual(writesOf(endpoint.calls), [
    "sync_bind_instance",
    "upsert_user",
    "upsert_org_with_owner",
    "set_membership",
  ]);
  for (const name of writesOf(endpoint.calls).slice(1)) {
    const [{ p_event_at, p_updated_at } = {}] = argsOf(database, name);
    assert.ok(before <= String(p_event_at) && String(p_event_at) <= new Date().toISOString(), name);
    assert.equal(p_updated_at, new Date(AT_CLERK).toISOString(), name);
  }
  assert.equal(argsOf(database, "upsert_org_with_owner")[0]?.p_with_owner, false);
  const [{ p_role, p_user_external_id } = {}] = argsOf(database, "set_membership");
  assert.deepEqual([p_role, p_user_external_id], ["org:member", "user_1"]);
});

Deno.test("what its own writes move is looked for, once for all, and repaired once more", async () => {
  for (
    const [name, first, looks] of [
      ["sync_compare_users", row("user_1", "missing"), 2],
      ["sync_compare_users", row("user_1", "different", ["deleted_at"]), 2],
      ["sync_compare_users", row("user_1", "stale", ["email"]), 1],
      ["sync_compare_orgs", row("org_2", "missing"), 2],
      ["sync_compare_orgs", row("org_2", "stale", ["slug"]), 2],
      ["sync_compare_orgs", row("org_2", "stale", ["name"]), 1],
      ["sync_compare_memberships", row("orgmem_2", "missing"), 1],
    ] as const
  ) {
    let isWritten = false;
    const database = databaseBy((call) => {
      isWritten ||= /^(sync_)?(upsert|set)_/.test(call.name);
      return { kind: "done", answer: call.name === name && !isWritten ? [first] : undefined };
    });
    await using endpoint = startEndpoint({ instance: small(), database });
    assert.equal(await endpoint.sync(SESSION), "200 applied");
    assert.equal(argsOf(database, "sync_list_memberships").length, looks, JSON.stringify(first));
  }
});

Deno.test("what goes on changing is given up on", async () => {
  const database = emptyDatabase({ sync_compare_users: [row("user_1", "missing")] });
  await using endpoint = startEndpoint({ instance: small(), database });
  assert.equal(await endpoint.sync(SESSION), "200 unrepaired");
  assert.equal(argsOf(database, "upsert_user").length, 2);
});

Deno.test("a row that a webhook made newer meanwhile is in sync, after a second look at Clerk", async () => {
  let looks = 0;
  const database = databaseBy(({ name }) => {
    const isNewer = name === "sync_compare_users" && looks++ === 0;
    return { kind: "done", answer: isNewer ? [row("user_1", "newer", ["email"])] : undefined };
  });
  await using endpoint = startEndpoint({ instance: small(), database });
  assert.equal(await endpoint.sync(SESSION), "200 in_sync");
  assert.equal(endpoint.clerk.requests.filter((path) => path === "GET /v1/users/user_1").length, 2);
});

Deno.test("a row that is newer even then is drift, and repaired", async () => {
  const ahead = "2026-03-05T09:00:00.000Z";
  const database = emptyDatabase({
    sync_compare_users: [row("user_1", "newer", ["email"], ahead)],
    sync_compare_memberships: [row("orgmem_2", "newer", ["role"], ahead)],
  });
  await using endpoint = startEndpoint({ instance: small(), database });
  const { body } = await endpoint.ask({ method: "GET", headers: await signedIn(SESSION) });
  const differences = [
    { object: "user", clerkId: "user_1", kind: "different", fields: ["email"] },
    { object: "membership", clerkId: "orgmem_2", kind: "different", fields: ["role"] },
  ];
  assert.deepEqual(body, { inSync: false, differences });
  await endpoint.sync(SESSION);
  assert.equal(argsOf(database, "upsert_user")[0]?.p_updated_at, ahead);
});

Deno.test("what a membership tells of its organization is believed when it agrees, else Clerk is asked", async () => {
  const database = emptyDatabase({ sync_compare_orgs: [row("org_2", "stale", ["name"])] });
  await using endpoint = startEndpoint({ instance: small(), database });
  await endpoint.sync(SESSION);
  assert.deepEqual(endpoint.clerk.requests.filter((path) => path.includes("/organizations/")), [
    "GET /v1/organizations/org_2",
  ]);
});

Deno.test("a repair that a newer state makes stale is looked at again", async () => {
  const stale = [row("user_1", "stale")];
  for (const [left, answer] of [[[], "200 in_sync"], [stale, "200 unrepaired"]] as const) {
    let isWritten = false;
    const database = databaseBy(({ name }) => {
      isWritten ||= name === "upsert_user";
      if (name === "upsert_user") return { kind: "done", answer: "stale" };
      if (name !== "sync_compare_users") return { kind: "done", answer: undefined };
      return { kind: "done", answer: isWritten ? left : stale };
    });
    await using endpoint = startEndpoint({ instance: small(), database });
    assert.equal(await endpoint.sync(SESSION), answer);
  }
});

/** org_1 with so many members, the first of whom made it. */
function withMembers(count: number): WorldInstance {
  const instance = usersOf(...Array.from({ length: count }, (_, index) => `user_${index}`));
  instance.addOrganization({ id: "org_1", created_by: "user_0" });
  for (let index = 1; index < count; index++) {
    instance.addMembership("org_1", `user_${index}`, "org:member", { id: `orgmem_${index}` });
  }
  return instance;
}

const ORGANIZATION = { clerkOrganizationId: "org_1" };

/** The ids on the pages of one RPC. */
function idsOf(calls: { name: string; args: Record<string, unknown> }[], name: string): string[] {
  return calls.filter((call) => call.name === name)
    .flatMap(({ args }) => Object.values(args)[0] as { p_external_id: string }[])
    .map(({ p_external_id }) => p_external_id);
}

Deno.test("an organization, its memberships and their users are compared, page by page", async () => {
  await using endpoint = startEndpoint({ instance: withMembers(620) });
  assert.equal(await endpoint.sync(null, ORGANIZATION), "200 in_sync");
  assert.deepEqual(idsOf(endpoint.calls, "sync_compare_orgs"), ["org_1"]);
  assert.equal(new Set(idsOf(endpoint.calls, "sync_compare_users")).size, 620);
  assert.equal(new Set(idsOf(endpoint.calls, "sync_compare_memberships")).size, 620);
  const pages = endpoint.calls.filter(({ name }) => name === "sync_compare_users");
  assert.deepEqual(pages.map(({ args }) => (args.p_users as unknown[]).length), [500, 120]);
});

Deno.test("many differences are written in pages, few one by one", async () => {
  for (const [count, name] of [[11, "sync_upsert_users"], [10, "upsert_user"]] as const) {
    const sync_compare_users = Array.from(
      { length: count },
      (_, index) => row(`user_${index}`, "stale"),
    );
    const database = emptyDatabase({ sync_compare_users });
    await using endpoint = startEndpoint({ instance: withMembers(count), database });
    assert.equal(await endpoint.sync(null, ORGANIZATION), "200 applied");
    assert.deepEqual([...new Set(writesOf(endpoint.calls))], ["sync_bind_instance", name]);
    const expected = sync_compare_users.map(({ external_id }) => external_id);
    const written = name === "sync_upsert_users"
      ? idsOf(endpoint.calls, name)
      : endpoint.calls.filter((call) => call.name === name).map(({ args }) => args.p_external_id);
    assert.deepEqual(written, expected);
  }
});

Deno.test("a member is synced with the membership and the organization alone", async () => {
  const instance = withMembers(3);
  instance.addOrganization({ id: "org_2", created_by: "user_1" });
  await using endpoint = startEndpoint({ instance });
  const both = { ...ORGANIZATION, clerkUserId: "user_1" };
  assert.equal(await endpoint.sync(null, both), "200 in_sync");
  assert.deepEqual(idsOf(endpoint.calls, "sync_compare_users"), ["user_1"]);
  assert.deepEqual(idsOf(endpoint.calls, "sync_compare_orgs"), ["org_1"]);
  assert.deepEqual(idsOf(endpoint.calls, "sync_compare_memberships"), ["orgmem_1"]);
});

Deno.test("of someone who is no member nothing is compared but the membership", async () => {
  const instance = withMembers(1);
  instance.addUser({ id: "user_stranger" });
  await using endpoint = startEndpoint({ instance });
  const both = { ...ORGANIZATION, clerkUserId: "user_stranger" };
  assert.equal(await endpoint.sync(null, both), "200 in_sync");
  assert.ok(endpoint.calls.every(({ name }) => !name.startsWith("sync_compare")));
});
