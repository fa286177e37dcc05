import assert from "node:assert/strict";
import type { RpcResult } from "../../../supabase/functions/_clerk_sync/database/rpc.ts";
import { ask } from "../../clerk_api/ask.ts";
import { type Fault, type Strikes, timeoutFor } from "../../clerk_api/faults.ts";
import type { WorldInstance } from "../../clerk_api/world_instance.ts";
import { databaseBy, emptyDatabase, row } from "../../support/fake_database.ts";
import {
  type Endpoint,
  signedIn,
  startEndpoint,
  TOKENS,
  usersOf,
  writesOf,
} from "../../support/sync_endpoint.ts";

const SESSION = { sub: "user_1" };

/** Two users, each in an organization of their own. */
function small(): WorldInstance {
  const instance = usersOf("user_1", "user_2");
  instance.addOrganization({ id: "org_1", created_by: "user_1" });
  instance.addOrganization({ id: "org_2", created_by: "user_2" });
  return instance;
}

/** All of the copy is missing, so that every sync would write. */
const nothingHere = () =>
  emptyDatabase({
    sync_compare_users: [row("user_1", "missing")],
    sync_compare_orgs: [row("org_1", "missing")],
  });

function startWith(fault: Fault, strikes: Strikes): Endpoint {
  const clerkTimeoutMs = timeoutFor(fault);
  const endpoint = startEndpoint({ instance: small(), database: nothingHere(), clerkTimeoutMs });
  endpoint.clerk.faults.always(fault, strikes);
  return endpoint;
}

const FAULTS: [what: string, fault: Fault, answer: string][] = [
  ["is down", { kind: "server_error", status: 503 }, "503 clerk_unavailable"],
  ["fails", { kind: "server_error", status: 500 }, "503 clerk_unavailable"],
  ["hangs", { kind: "hang" }, "503 clerk_unavailable"],
  ["breaks off", { kind: "cut_off" }, "503 clerk_unavailable"],
  ["has had enough", { kind: "rate_limited", retryAfterSeconds: 7 }, "503 clerk_rate_limited"],
  ["answers with a page", { kind: "html" }, "502 clerk_invalid_answer"],
  ["answers with broken JSON", { kind: "broken_json" }, "502 clerk_invalid_answer"],
  ["answers something else", { kind: "other_json", body: { a: 1 } }, "502 clerk_invalid_answer"],
  ["answers null", { kind: "other_json", body: null }, "502 clerk_invalid_answer"],
  ["is not Clerk", { kind: "foreign_error", status: 404 }, "502 clerk_invalid_answer"],
];

const PLACES: [where: string, strikes: Strikes][] = [
  ["its instance", (path) => path === "/v1/instance"],
  ["the user", (path) => path === "/v1/users/user_1"],
  ["the memberships", (path) => path.endsWith("/organization_memberships")],
  ["the organization", (path) => path === "/v1/organizations/org_1"],
];

for (const [what, fault, answer] of FAULTS) {
  Deno.test(`while Clerk ${what}, the answer is ${answer}, nobody new gets in and nothing is written`, async () => {
    for (const [where, strikes] of PLACES) {
      await using endpoint = startWith(fault, strikes);
      assert.equal(await endpoint.sync(SESSION), answer, where);
      assert.deepEqual(writesOf(endpoint.calls), [], where);
    }
    await using endpoint = startWith(fault, (path) => path === "/v1/jwks");
    // A page of some proxy has a status, but is no set of keys.
    const word = answer.includes("invalid_answer") ? /^50[23] clerk_/ : new RegExp(`^${answer}$`);
    assert.match(await endpoint.sync(SESSION), word);
    assert.deepEqual(endpoint.calls, []);
  });
}

const MISTAKEN: [of: string, path: string, asked: Record<string, string>][] = [
  ["a user", "/v1/users/user_2/organization_memberships", { clerkUserId: "user_1" }],
  ["an organization", "/v1/organizations/org_2/memberships", { clerkOrganizationId: "org_1" }],
  ["the members", "/v1/users?user_id=user_2", { clerkOrganizationId: "org_1" }],
];

for (const [of, path, asked] of MISTAKEN) {
  Deno.test(`a list of ${of} that holds what was not asked for is answered 502, and nothing is written`, async () => {
    await using endpoint = startEndpoint({ instance: small(), database: nothingHere() });
    const { body } = await ask(endpoint.clerk, path);
    const [, ending = ""] = /(\/[a-z_]+)(\?.*)?$/.exec(path) ?? [];
    endpoint.clerk.faults.always({ kind: "other_json", body }, (struck) => struck.endsWith(ending));
    assert.equal(await endpoint.sync(null, asked), "502 clerk_invalid_answer");
    assert.match(endpoint.lines.join(), /not what was asked for/);
    assert.deepEqual(writesOf(endpoint.calls), []);
  });
}

Deno.test("Retry-After is Clerk's own, or ten seconds", async () => {
  for (const [retryAfterSeconds, expected] of [[7, "7"], [null, "10"]] as const) {
    await using endpoint = startEndpoint({ instance: small() });
    endpoint.clerk.faults.always({ kind: "rate_limited", retryAfterSeconds });
    const { headers } = await endpoint.ask({ body: {}, headers: await signedIn(SESSION) });
    assert.equal(headers.get("retry-after"), expected);
  }
});

for (const [by, env] of [["JWKS", {}], ["PEM", { CLERK_JWT_KEY: TOKENS.pem }]] as const) {
  Deno.test(`a secret key that Clerk refuses is answered 500 misconfigured, by ${by}`, async () => {
    const wrong = { ...env, CLERK_SECRET_KEY: "sk_test_wrong" };
    await using endpoint = startEndpoint({ instance: small(), env: wrong });
    assert.equal(await endpoint.sync(SESSION), "500 misconfigured");
    assert.match(endpoint.lines.join(), /"reason":"CLERK_SECRET_KEY: Clerk: unauthorized/);
    assert.deepEqual(endpoint.calls, []);
  });
}

Deno.test("after a fault the next request is answered", async () => {
  await using endpoint = startEndpoint({ instance: small() });
  for (const [, fault, answer] of FAULTS.filter(([, { kind }]) => kind !== "hang")) {
    endpoint.clerk.faults.next(1, fault, PLACES[0]![1]);
    assert.equal(await endpoint.sync(SESSION), answer);
  }
  assert.equal(await endpoint.sync(SESSION), "200 in_sync");
});

const FAILURES: [what: string, result: RpcResult][] = [
  ["is down", { kind: "failed", code: "unreachable" }],
  ["does not know an RPC", { kind: "failed", code: "PGRST202" }],
  ["conflicts again and again", { kind: "conflict", code: "40001" }],
  ["answers something else", { kind: "done", answer: { a: 1 } }],
  ["refuses a row", { kind: "refused", code: "23514" }],
];

for (const [what, result] of FAILURES) {
  Deno.test(`while the database ${what}, the answer is 503 unavailable`, async () => {
    const there = nothingHere();
    for (
      const rpc of [
        "sync_compare_users",
        "sync_list_memberships",
        "sync_bind_instance",
        "upsert_user",
      ]
    ) {
      const database = databaseBy((call, signal) =>
        call.name === rpc ? result : there.callRpc(call, signal)
      );
      await using endpoint = startEndpoint({ instance: small(), database });
      assert.equal(await endpoint.sync(SESSION), "503 unavailable", rpc);
    }
  });
}

/** An instance without organizations answers 403 to every question about them, which says nothing of any of them. */
function startWithoutOrganizations(answers: Record<string, unknown> = {}) {
  const held = {
    id: "00000000-0000-4000-8000-000000000001",
    external_id: "orgmem_1",
    organization_external_id: "org_1",
    user_external_id: "user_1",
  };
  // Of a time when there were organizations: one, with one member.
  const here = { sync_list_memberships: [held], sync_compare_orgs: [row("org_1", "stale")] };
  const database = emptyDatabase({ ...here, ...answers });
  const endpoint = startEndpoint({ instance: usersOf("user_1", "user_2"), database });
  endpoint.clerk.hasOrganizations = false;
  return endpoint;
}

const STALE_USER = { sync_compare_users: [row("user_1", "stale")] };

Deno.test("without organizations in Clerk users are synced, and their memberships left alone", async () => {
  await using endpoint = startWithoutOrganizations(STALE_USER);
  assert.equal(await endpoint.sync(SESSION), "200 applied");
  assert.deepEqual(writesOf(endpoint.calls), ["sync_bind_instance", "upsert_user"]);
});

Deno.test("without organizations in Clerk a user in sync is in sync", async () => {
  await using endpoint = startWithoutOrganizations();
  assert.equal(await endpoint.sync(SESSION), "200 in_sync");
  assert.equal(await endpoint.sync(null, { clerkUserId: "user_2" }), "200 in_sync");
  assert.equal(await endpoint.check(null, { clerkUserId: "user_1" }), "200 true");
});

Deno.test("without organizations in Clerk a user whom Clerk does not have is deleted all the same", async () => {
  await using endpoint = startWithoutOrganizations({
    sync_compare_users: [row("user_9", "stale")],
  });
  assert.equal(await endpoint.sync(null, { clerkUserId: "user_9" }), "200 deleted");
});

Deno.test("without organizations in Clerk, asking for one or a member is answered 422, and nothing ends", async () => {
  const admin = { ...SESSION, orgId: "org_1", orgRole: "org:admin" };
  const organization = { clerkOrganizationId: "org_1" };
  const member = { clerkUserId: "user_1", clerkOrganizationId: "org_1" };
  const asked = [[null, organization], [admin, organization], [null, member], [SESSION, member]];
  for (const [session, body] of asked as [typeof admin | null, object][]) {
    await using endpoint = startWithoutOrganizations();
    assert.equal(await endpoint.sync(session, body), "422 organizations_not_enabled");
    assert.deepEqual(writesOf(endpoint.calls), []);
  }
});

Deno.test("organizations that are switched off while a user is compared end nothing", async () => {
  await using endpoint = startWithoutOrganizations(STALE_USER);
  endpoint.clerk.hasOrganizations = true;
  endpoint.clerk.faults.always(
    { kind: "clerk_error", status: 403, code: "organization_not_enabled_in_instance" },
    (path) => path === "/v1/organizations/org_1/memberships",
  );
  assert.equal(await endpoint.sync(SESSION), "200 applied");
  assert.deepEqual(writesOf(endpoint.calls), ["sync_bind_instance", "upsert_user"]);
});

Deno.test("a key that may do nothing stays misconfigured, whatever is asked for", async () => {
  await using endpoint = startWithoutOrganizations();
  endpoint.clerk.faults.always(
    { kind: "clerk_error", status: 403, code: "authorization_invalid" },
    (path) => path !== "/v1/jwks",
  );
  assert.equal(await endpoint.sync(null, { clerkUserId: "user_1" }), "500 misconfigured");
});
