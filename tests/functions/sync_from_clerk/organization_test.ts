import assert from "node:assert/strict";
import { MEMBERSHIP_LIMIT } from "../../../supabase/functions/sync-from-clerk/read.ts";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { databaseBy, emptyDatabase, row } from "./empty_database.ts";
import { startEndpoint, writesOf } from "./endpoint.ts";

/** org_1 with so many members, the first of whom made it. */
function withMembers(count: number): WorldInstance {
  const instance = new WorldInstance();
  for (let index = 0; index < count; index++) instance.addUser({ id: `user_${index}` });
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
  assert.deepEqual(idsOf(endpoint.calls, "compare_orgs"), ["org_1"]);
  assert.equal(new Set(idsOf(endpoint.calls, "compare_users")).size, 620);
  assert.equal(new Set(idsOf(endpoint.calls, "compare_memberships")).size, 620);
  const pages = endpoint.calls.filter(({ name }) => name === "compare_users");
  assert.deepEqual(pages.map(({ args }) => (args.p_users as unknown[]).length), [500, 120]);
});

Deno.test("many differences are written in pages, few one by one", async () => {
  for (const [count, name] of [[11, "upsert_users"], [10, "upsert_user"]] as const) {
    const compare_users = Array.from(
      { length: count },
      (_, index) => row(`user_${index}`, "stale"),
    );
    const database = emptyDatabase({ compare_users });
    await using endpoint = startEndpoint({ instance: withMembers(count), database });
    assert.equal(await endpoint.sync(null, ORGANIZATION), "200 applied");
    assert.deepEqual([...new Set(writesOf(endpoint.calls))], ["bind_instance", name]);
    const expected = compare_users.map(({ external_id }) => external_id);
    const written = name === "upsert_users"
      ? idsOf(endpoint.calls, name)
      : endpoint.calls.filter((call) => call.name === name).map(({ args }) => args.p_external_id);
    assert.deepEqual(written, expected);
  }
});

Deno.test("an organization with more members than one request can do is answered 422", async () => {
  const instance = withMembers(2);
  await using endpoint = startEndpoint({ instance });
  instance.memberships = () => ({ items: [], total: MEMBERSHIP_LIMIT + 1 });
  assert.equal(await endpoint.sync(null, ORGANIZATION), "422 too_large_organization");
  assert.match(endpoint.lines.join(), /npm run drift/);
  assert.deepEqual(writesOf(endpoint.calls), []);
});

for (
  const [whose, body] of [["an organization", ORGANIZATION], ["a user", {
    clerkUserId: "user_0",
  }]] as const
) {
  Deno.test(`so is ${whose} with as many memberships here, of which no more are read`, async () => {
    let row = 0;
    const page = () =>
      Array.from({ length: 500 }, () => ({
        id: `00000000-0000-4000-8000-${String(++row).padStart(12, "0")}`,
        external_id: `orgmem_${row}`,
        organization_external_id: "org_1",
        user_external_id: `user_${row}`,
      }));
    const database = databaseBy(({ name }) => ({
      kind: "done",
      answer: name === "list_memberships" ? page() : undefined,
    }));
    await using endpoint = startEndpoint({ instance: withMembers(1), database });
    assert.equal(await endpoint.sync(null, body), "422 too_large_organization");
    const cursors = endpoint.calls.filter(({ name }) => name === "list_memberships")
      .map(({ args }) => args.p_after);
    assert.equal(new Set(cursors).size, MEMBERSHIP_LIMIT / 500 + 1);
  });
}

Deno.test("a member is synced with the membership and the organization alone", async () => {
  const instance = withMembers(3);
  instance.addOrganization({ id: "org_2", created_by: "user_1" });
  await using endpoint = startEndpoint({ instance });
  const both = { ...ORGANIZATION, clerkUserId: "user_1" };
  assert.equal(await endpoint.sync(null, both), "200 in_sync");
  assert.deepEqual(idsOf(endpoint.calls, "compare_users"), ["user_1"]);
  assert.deepEqual(idsOf(endpoint.calls, "compare_orgs"), ["org_1"]);
  assert.deepEqual(idsOf(endpoint.calls, "compare_memberships"), ["orgmem_1"]);
});

Deno.test("of someone who is no member nothing is compared but the membership", async () => {
  const instance = withMembers(1);
  instance.addUser({ id: "user_stranger" });
  await using endpoint = startEndpoint({ instance });
  const both = { ...ORGANIZATION, clerkUserId: "user_stranger" };
  assert.equal(await endpoint.sync(null, both), "200 in_sync");
  assert.ok(endpoint.calls.every(({ name }) => !name.startsWith("compare")));
});
