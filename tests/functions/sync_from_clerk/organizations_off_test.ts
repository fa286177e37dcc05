/** An instance without organizations: it answers 403 to every question about them, which says nothing of any of them. */
import assert from "node:assert/strict";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { emptyDatabase, row } from "./empty_database.ts";
import type { Session } from "../../../scripts/token/session_tokens.ts";
import { said, SECRET_KEY, startEndpoint, writesOf } from "./endpoint.ts";

const SESSION: Session = { sub: "user_1" };
const ADMIN: Session = { ...SESSION, orgId: "org_1", orgRole: "org:admin" };

/** Of a time when there were organizations: one, with one member. */
const HELD = {
  list_memberships: [{
    id: "00000000-0000-4000-8000-000000000001",
    external_id: "orgmem_1",
    organization_external_id: "org_1",
    user_external_id: "user_1",
  }],
  compare_orgs: [row("org_1", "stale")],
};

function start(answers: Record<string, unknown> = {}) {
  const instance = new WorldInstance();
  for (const id of ["user_1", "user_2"]) instance.addUser({ id });
  const endpoint = startEndpoint({ instance, database: emptyDatabase({ ...HELD, ...answers }) });
  endpoint.clerk.hasOrganizations = false;
  return endpoint;
}

Deno.test("without organizations in Clerk users are synced, and their memberships left alone", async () => {
  await using endpoint = start({ compare_users: [row("user_1", "stale")] });
  assert.equal(await endpoint.sync(SESSION), "200 applied");
  assert.deepEqual(writesOf(endpoint.calls), ["bind_instance", "upsert_user"]);
});

Deno.test("without organizations in Clerk a user in sync is in sync", async () => {
  await using endpoint = start();
  assert.equal(await endpoint.sync(SESSION), "200 in_sync");
  assert.equal(await endpoint.sync(null, { clerkUserId: "user_2" }), "200 in_sync");
  const query = { clerkUserId: "user_1" };
  const { body } = await endpoint.ask({ method: "GET", query, headers: { apikey: SECRET_KEY } });
  assert.deepEqual(body, { inSync: true, differences: [] });
});

Deno.test("without organizations in Clerk a user whom Clerk does not have is deleted all the same", async () => {
  await using endpoint = start({ compare_users: [row("user_9", "stale")] });
  assert.equal(await endpoint.sync(null, { clerkUserId: "user_9" }), "200 deleted");
});

const ASKED: [what: string, session: Session | null, body: object][] = [
  ["an organization", null, { clerkOrganizationId: "org_1" }],
  ["one's own organization", ADMIN, { clerkOrganizationId: "org_1" }],
  ["a member", null, { clerkUserId: "user_1", clerkOrganizationId: "org_1" }],
  ["oneself as a member", SESSION, { clerkUserId: "user_1", clerkOrganizationId: "org_1" }],
];

for (const [what, session, body] of ASKED) {
  Deno.test(`without organizations in Clerk, asking for ${what} is answered 422, and nothing ends`, async () => {
    await using endpoint = start();
    assert.equal(await endpoint.sync(session, body), "422 organizations_not_enabled");
    assert.deepEqual(writesOf(endpoint.calls), []);
  });
}

Deno.test("organizations that are switched off while a user is compared end nothing", async () => {
  await using endpoint = start({ compare_users: [row("user_1", "stale")] });
  endpoint.clerk.hasOrganizations = true;
  const code = "organization_not_enabled_in_instance";
  endpoint.clerk.faults.always(
    { kind: "clerk_error", status: 403, code },
    (path) => path === "/v1/organizations/org_1/memberships",
  );
  assert.equal(await endpoint.sync(SESSION), "200 applied");
  assert.deepEqual(writesOf(endpoint.calls), ["bind_instance", "upsert_user"]);
});

Deno.test("a key that may do nothing stays misconfigured, whatever is asked for", async () => {
  await using endpoint = start();
  endpoint.clerk.faults.always(
    { kind: "clerk_error", status: 403, code: "authorization_invalid" },
    (path) => path !== "/v1/jwks",
  );
  const reply = await endpoint.ask({
    body: { clerkUserId: "user_1" },
    headers: { apikey: SECRET_KEY },
  });
  assert.equal(said(reply), "500 misconfigured");
});
