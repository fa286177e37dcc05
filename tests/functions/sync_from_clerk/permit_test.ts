import assert from "node:assert/strict";
import type { Session } from "../../../scripts/token/session_tokens.ts";
import { ask as askClerk } from "../../clerk_api/ask.ts";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { emptyDatabase } from "../../support/fake_database.ts";
import { type Endpoint, startEndpoint, usersOf } from "../../support/sync_endpoint.ts";

/** Two organizations, each with an admin and a member; user_stranger is in none. */
function twoOrganizations(): WorldInstance {
  const users = ["admin", "member", "otherAdmin", "otherMember", "stranger"];
  const instance = usersOf(...users.map((name) => `user_${name}`));
  instance.addOrganization({ id: "org_1", created_by: "user_admin" });
  instance.addOrganization({ id: "org_2", created_by: "user_otherAdmin" });
  instance.addMembership("org_1", "user_member", "org:member", { id: "orgmem_member" });
  instance.addMembership("org_2", "user_otherMember");
  return instance;
}

const ADMIN: Session = { sub: "user_admin", orgId: "org_1", orgRole: "org:admin" };
const MEMBER: Session = { sub: "user_member", orgId: "org_1", orgRole: "org:member" };

/** The POST and the GET of the same are permitted alike; nothing is written when they are not. */
async function ask(endpoint: Endpoint, session: Session, body: Record<string, string>) {
  const [synced, checked] = [
    await endpoint.sync(session, body),
    await endpoint.check(session, body),
  ];
  assert.equal(synced.slice(0, 3), checked.slice(0, 3), `${synced}, but ${checked}`);
  if (!synced.startsWith("200")) assert.equal(checked, synced);
  return synced;
}

const OF = {
  admin: [
    ["200 in_sync", { clerkOrganizationId: "org_1" }],
    ["200 in_sync", { clerkOrganizationId: "org_1", clerkUserId: "user_member" }],
    ["200 in_sync", { clerkUserId: "user_member" }],
    ["200 in_sync", { clerkUserId: "user_admin" }],
    ["403 forbidden", { clerkOrganizationId: "org_2" }],
    ["403 forbidden", { clerkOrganizationId: "org_2", clerkUserId: "user_otherMember" }],
    ["403 forbidden", { clerkOrganizationId: "org_2", clerkUserId: "user_member" }],
    ["403 forbidden", { clerkUserId: "user_otherMember" }],
    ["403 forbidden", { clerkUserId: "user_stranger" }],
    ["403 forbidden", { clerkUserId: "user_nobody" }],
  ],
  member: [
    ["200 in_sync", { clerkUserId: "user_member" }],
    ["200 in_sync", { clerkUserId: "user_member", clerkOrganizationId: "org_1" }],
    ["403 forbidden", { clerkOrganizationId: "org_1" }],
    ["403 forbidden", { clerkUserId: "user_admin" }],
  ],
} satisfies Record<string, [said: string, asked: Record<string, string>][]>;

for (const [who, asked] of Object.entries(OF)) {
  for (const version of [1, 2] as const) {
    Deno.test(`by a token of version ${version}, the organization's ${who} may sync what is theirs and no more`, async () => {
      const session: Session = { ...who === "admin" ? ADMIN : MEMBER, version };
      for (const [said, body] of asked as [string, Record<string, string>][]) {
        await using endpoint = startEndpoint({ instance: twoOrganizations() });
        assert.equal(await ask(endpoint, session, body), said, JSON.stringify(body));
        const isAsked = endpoint.calls.some(({ name }) => name !== "sync_bound_instance");
        assert.equal(isAsked, said.startsWith("200"));
      }
    });
  }
}

Deno.test("who is no admin by the token is refused without asking anyone", async () => {
  await using endpoint = startEndpoint({ instance: twoOrganizations() });
  const sessions: Session[] = [
    { sub: "user_admin" },
    { ...ADMIN, orgId: "org_2" },
    { ...ADMIN, orgRole: "org:administrator" },
    { ...ADMIN, version: 1, orgRole: "org:member" },
    // Version 2 says it in `o` alone: another claim may be the application's own.
    { sub: "user_admin", claims: { org_id: "org_1", org_role: "org:admin" } },
  ];
  for (const session of sessions) {
    const body = { clerkOrganizationId: "org_1" };
    assert.equal(await ask(endpoint, session, body), "403 forbidden", JSON.stringify(session));
  }
  assert.deepEqual(endpoint.calls, []);
  assert.deepEqual(endpoint.clerk.requests, ["GET /v1/jwks"]);
});

Deno.test("who is an admin no more, in Clerk, is refused although the token still says so", async () => {
  const instance = twoOrganizations();
  await using endpoint = startEndpoint({ instance });
  const membership = instance.world.memberships.find(({ user }) => user.id === "user_admin")!;
  const asked = [{ clerkOrganizationId: "org_1" }, { clerkUserId: "user_member" }];
  instance.changeMembership(membership.id, { role: "org:member" });
  for (const body of asked) assert.equal(await ask(endpoint, ADMIN, body), "403 forbidden");
  instance.removeMembership(membership.id);
  for (const body of asked) assert.equal(await ask(endpoint, ADMIN, body), "403 forbidden");
  instance.deleteOrganization("org_1");
  for (const body of asked) assert.equal(await ask(endpoint, ADMIN, body), "403 forbidden");
  assert.ok(endpoint.calls.every(({ name }) => name === "sync_bound_instance"));
});

Deno.test("someone else's membership is no proof, should Clerk answer with it", async () => {
  await using endpoint = startEndpoint({ instance: twoOrganizations() });
  const own = "/v1/organizations/org_1/memberships?user_id=user_admin";
  endpoint.clerk.faults.always(
    { kind: "other_json", body: (await askClerk(endpoint.clerk, own)).body },
    (path) => path.endsWith("/memberships"),
  );
  const session: Session = { ...ADMIN, sub: "user_stranger" };
  assert.equal(
    await ask(endpoint, session, { clerkOrganizationId: "org_1" }),
    "502 clerk_invalid_answer",
  );
});

Deno.test("an admin of an old instance has the role admin", async () => {
  const instance = twoOrganizations();
  instance.addUser({ id: "user_old" });
  instance.addMembership("org_1", "user_old", "admin");
  await using endpoint = startEndpoint({ instance });
  const session: Session = { sub: "user_old", orgId: "org_1", orgRole: "admin", version: 1 };
  assert.equal(await ask(endpoint, session, { clerkOrganizationId: "org_1" }), "200 in_sync");
});

Deno.test("an admin is told nothing of a member but what the organization has to do with", async () => {
  const instance = twoOrganizations();
  instance.addMembership("org_2", "user_member");
  const rows = (kind: string) => ({ name }: { name: string }) => name === kind;
  const database = emptyDatabase();
  await using endpoint = startEndpoint({ instance, database });
  await ask(endpoint, ADMIN, { clerkUserId: "user_member" });
  const compared = database.calls.filter(rows("sync_compare_orgs"))
    .flatMap(({ args }) => args.p_organizations as { p_external_id: string }[]);
  assert.deepEqual([...new Set(compared.map(({ p_external_id }) => p_external_id))], ["org_1"]);
  for (const { args } of database.calls.filter(rows("sync_list_memberships"))) {
    assert.deepEqual([args.p_user_external_id, args.p_organization_external_id], [
      "user_member",
      "org_1",
    ]);
  }
});
