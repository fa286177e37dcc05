import assert from "node:assert/strict";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { databaseBy, emptyDatabase, row } from "../../support/fake_database.ts";
import { SECRET_KEY, startEndpoint, usersOf, writesOf } from "../../support/sync_endpoint.ts";

const SESSION = { sub: "user_1" };

/** user_1 in org_1, which user_2 made. */
function small(): WorldInstance {
  const instance = usersOf("user_1", "user_2");
  instance.addOrganization({ id: "org_1", created_by: "user_2" });
  instance.addMembership("org_1", "user_1", "org:member", { id: "orgmem_1" });
  return instance;
}

/** A membership that lives here. */
function stored(external_id: string, organization: string, user = "user_1") {
  const ids = { organization_external_id: organization, user_external_id: user };
  return { id: "00000000-0000-4000-8000-000000000001", external_id, ...ids };
}

const GONE = [
  ["user", "delete_user", "sync_compare_users", "user_9", { clerkUserId: "user_9" }],
  ["organization", "delete_org", "sync_compare_orgs", "org_9", { clerkOrganizationId: "org_9" }],
] as const;

for (const [object, rpc, compared, clerkId, body] of GONE) {
  Deno.test(`a ${object} that Clerk does not have is deleted here, as of just before Clerk was asked`, async () => {
    const database = emptyDatabase({ [compared]: [row(clerkId, "stale")] });
    await using endpoint = startEndpoint({ instance: small(), database });
    const before = new Date().toISOString();
    const reply = await endpoint.ask({ body, headers: { apikey: SECRET_KEY } });
    const differences = [{ object, clerkId, kind: "extra", fields: [] }];
    assert.deepEqual(reply.body, { outcome: "deleted", differences });
    assert.deepEqual(writesOf(endpoint.calls), ["sync_bind_instance", rpc]);
    const { p_external_id, p_event_at } = endpoint.calls.at(-1)!.args;
    assert.equal(p_external_id, clerkId);
    assert.ok(before <= String(p_event_at) && String(p_event_at) <= new Date().toISOString());
  });
}

for (const kind of ["missing", "deleted"]) {
  Deno.test(`who is gone from Clerk and ${kind} here is in sync, and nothing is remembered of them`, async () => {
    const database = emptyDatabase({
      sync_compare_users: [row("user_9", kind)],
      sync_compare_orgs: [row("org_9", kind)],
    });
    await using endpoint = startEndpoint({ instance: small(), database });
    assert.equal(await endpoint.sync(null, { clerkUserId: "user_9" }), "200 in_sync");
    assert.equal(await endpoint.sync(null, { clerkOrganizationId: "org_9" }), "200 in_sync");
    assert.deepEqual(writesOf(endpoint.calls), []);
  });
}

Deno.test("a 404 that is not Clerk's own deletes nobody", async () => {
  const database = emptyDatabase({ sync_compare_users: [row("user_1", "stale")] });
  await using endpoint = startEndpoint({ instance: small(), database });
  const strikes = (path: string) => path === "/v1/users/user_1";
  endpoint.clerk.faults.always({ kind: "foreign_error", status: 404 }, strikes);
  assert.equal(await endpoint.sync(SESSION), "502 clerk_invalid_answer");
  assert.deepEqual(writesOf(endpoint.calls), []);
});

Deno.test("a membership that lives here alone is removed by its generation, when Clerk says so of the pair", async () => {
  const sync_list_memberships = [stored("orgmem_old", "org_2"), stored("org_3:user_1", "org_3")];
  const instance = small();
  instance.addOrganization({ id: "org_2", created_by: "user_2" });
  await using endpoint = startEndpoint({
    instance,
    database: emptyDatabase({ sync_list_memberships }),
  });
  assert.equal(await endpoint.sync(SESSION), "200 applied");
  const removed = endpoint.calls.filter(({ name }) => name === "remove_membership")
    .map(({ args: { p_event_at: _, ...args } }) => Object.values(args));
  assert.deepEqual(removed, [["orgmem_old", "org_2", "user_1"], [
    "org_3:user_1",
    "org_3",
    "user_1",
  ]]);
  assert.deepEqual(endpoint.clerk.requests.filter((path) => path.includes("user_id=")), [
    "GET /v1/organizations/org_2/memberships?user_id=user_1",
    "GET /v1/organizations/org_3/memberships?user_id=user_1",
  ]);
});

Deno.test("a membership of a pair that Clerk has is compared, not removed, whatever its generation", async () => {
  const database = emptyDatabase({ sync_list_memberships: [stored("orgmem_before", "org_1")] });
  await using endpoint = startEndpoint({ instance: small(), database });
  assert.equal(await endpoint.sync(SESSION), "200 in_sync");
});

Deno.test("a membership that was made while the others were read is kept, and compared", async () => {
  const instance = small();
  instance.addOrganization({ id: "org_2", created_by: "user_2" });
  // The list of what lives here is read after Clerk's.
  const database = databaseBy(({ name }) => {
    if (name === "sync_compare_memberships") {
      return { kind: "done", answer: [row("orgmem_new", "role", ["role"])] };
    }
    if (name !== "sync_list_memberships") return { kind: "done", answer: undefined };
    instance.addMembership("org_2", "user_1", "org:member", { id: "orgmem_new" });
    return { kind: "done", answer: [stored("orgmem_new", "org_2")] };
  });
  await using endpoint = startEndpoint({ instance, database });
  assert.equal(await endpoint.sync(SESSION), "200 applied");
  assert.deepEqual(writesOf(endpoint.calls), ["sync_bind_instance", "set_membership"]);
});

Deno.test("who was removed goes before anything is written", async () => {
  const database = emptyDatabase({
    sync_compare_users: [row("user_1", "stale")],
    sync_list_memberships: [stored("orgmem_old", "org_2")],
  });
  await using endpoint = startEndpoint({ instance: small(), database });
  assert.equal(await endpoint.sync(SESSION), "200 applied");
  assert.deepEqual(writesOf(endpoint.calls), [
    "sync_bind_instance",
    "remove_membership",
    "upsert_user",
  ]);
});
