import assert from "node:assert/strict";
import { join } from "node:path";
import { createClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { ask, idsOf } from "./ask.ts";
import { createRateLimit, startClerkApi } from "./server.ts";
import { WorldInstance } from "./world_instance.ts";

const instance = new WorldInstance();
const USERS = Array.from({ length: 12 }, () => instance.addUser());
const ORGANIZATION = instance.addOrganization({ created_by: USERS[0]!, slug: "acme" });
instance.addMembership(ORGANIZATION, USERS[1]!);
const FREE = instance.addItem(USERS[0]!, "free");
const PAID = [
  instance.addItem(ORGANIZATION, "team", { status: "ended" }),
  instance.addItem(ORGANIZATION, "pro"),
];
const INVITED = instance.addInvitation(ORGANIZATION);
const ACCEPTED = instance.addInvitation(ORGANIZATION, { status: "accepted" });
const OTHER = instance.addOrganization();

const UNKNOWN = [422, "form_param_unknown"] as const;
const INVALID = [422, "form_param_value_invalid"] as const;
const NOT_FOUND = [404, "resource_not_found"] as const;
const MANY_IDS = `${"user_id=a&".repeat(101)}limit=1`;

const REFUSED: [why: string, path: string, status: number, code: string][] = [
  ["a parameter it does not know", "/v1/users?limt=5", ...UNKNOWN],
  ["what Clerk can, and it can't", "/v1/users?query=ada", ...UNKNOWN],
  ["a cursor for the count", `/v1/users/count?starting_after=${USERS[0]}`, ...UNKNOWN],
  [
    "an order for a user's memberships",
    `/v1/users/${USERS[0]}/organization_memberships?order_by=-created_at`,
    ...UNKNOWN,
  ],
  ["a page of none", "/v1/users?limit=0", ...INVALID],
  ["a page of more than 500", "/v1/organizations?limit=501", ...INVALID],
  ["an offset before the start", "/v1/organizations?offset=-1", ...INVALID],
  ["an order it does not have", "/v1/organizations?order_by=%2Bupdated_at", ...INVALID],
  ["a + that is not escaped", "/v1/users?order_by=+created_at", ...INVALID],
  ["a cursor that is no user", "/v1/users?starting_after=user_nobody", ...INVALID],
  ["a cursor and an offset", `/v1/users?starting_after=${USERS[0]}&offset=1`, ...INVALID],
  ["more than 100 ids", `/v1/users?${MANY_IDS}`, ...INVALID],
  ["the id of nobody", "/v1/users/user_nobody", ...NOT_FOUND],
  ["memberships of nobody", "/v1/users/user_nobody/organization_memberships", ...NOT_FOUND],
  ["the id of no organization", "/v1/organizations/org_none", ...NOT_FOUND],
  ["members of no organization", "/v1/organizations/org_none/memberships", ...NOT_FOUND],
  ["members by a slug", "/v1/organizations/acme/memberships", ...NOT_FOUND],
  [
    "an order for subscription items",
    "/v1/billing/subscription_items?order_by=%2Bcreated_at",
    ...UNKNOWN,
  ],
  ["a filter of subscription items", "/v1/billing/subscription_items?status=active", ...UNKNOWN],
  ["the id of no subscription item", "/v1/billing/subscription_items/csub_item_none", ...NOT_FOUND],
  ["the subscription of who has none", `/v1/users/${USERS[1]}/billing/subscription`, ...NOT_FOUND],
  ["the subscription of nobody", "/v1/users/user_nobody/billing/subscription", ...NOT_FOUND],
  ["a subscription by a slug", "/v1/organizations/acme/billing/subscription", ...NOT_FOUND],
  [
    "a state that no invitation has",
    `/v1/organizations/${ORGANIZATION}/invitations?status=open`,
    ...INVALID,
  ],
  [
    "an order for an organization's invitations",
    `/v1/organizations/${ORGANIZATION}/invitations?order_by=-created_at`,
    ...UNKNOWN,
  ],
  ["invitations of no organization", "/v1/organizations/org_none/invitations", ...NOT_FOUND],
  [
    "another organization's invitation",
    `/v1/organizations/${OTHER}/invitations/${INVITED}`,
    ...NOT_FOUND,
  ],
  ["a path that it does not have", "/v1/userz", 404, "url_not_found"],
];

for (const [why, path, status, code] of REFUSED) {
  Deno.test(`the server refuses ${why}`, async () => {
    await using api = startClerkApi({ instance });
    const answer = await ask(api, path);
    assert.deepEqual([answer.status, answer.code], [status, code]);
  });
}

const HEADERS: [why: string, headers: Record<string, string | null>, number, string][] = [
  ["no secret key", { Authorization: null }, 401, "authentication_invalid"],
  ["another form than Bearer", { Authorization: "Basic c2s6" }, 401, "authentication_invalid"],
  ["another secret key", { Authorization: "Bearer sk_test_other" }, 401, "clerk_key_invalid"],
  ["no version of the API", { "Clerk-API-Version": null }, 400, "api_version_invalid"],
];

for (const [why, headers, status, code] of HEADERS) {
  Deno.test(`the server refuses a request with ${why}, on every path`, async () => {
    await using api = startClerkApi({ instance });
    for (const path of ["/v1/instance", "/v1/jwks", "/v1/users", "/v1/organization_memberships"]) {
      const answer = await ask(api, path, { headers });
      assert.deepEqual([answer.status, answer.code], [status, code]);
    }
  });
}

Deno.test("the server changes nothing: other methods than GET are refused", async () => {
  await using api = startClerkApi({ instance });
  assert.equal((await ask(api, `/v1/users/${USERS[0]}`, { method: "DELETE" })).status, 405);
});

Deno.test("a refusal has Clerk's form: a list of errors, and a trace id", async () => {
  await using api = startClerkApi({ instance });
  const { body, headers } = await ask(api, "/v1/users?limt=5");
  const { errors, clerk_trace_id } = body as { errors: object[]; clerk_trace_id: string };
  assert.deepEqual(errors, [{
    message: "is unknown",
    long_message: "limt is not a valid parameter for this request.",
    code: "form_param_unknown",
    meta: { param_name: "limt" },
  }]);
  assert.match(clerk_trace_id, /^[0-9a-f]{32}$/);
  assert.equal(headers.get("Content-Type"), "application/json");
});

Deno.test("with organizations switched off every path of them is 403, and no other", async () => {
  await using api = startClerkApi({ instance });
  api.hasOrganizations = false;
  const paths = [
    "/v1/organizations",
    `/v1/organizations/${ORGANIZATION}`,
    "/v1/organizations/org_none",
    `/v1/organizations/${ORGANIZATION}/memberships`,
    `/v1/users/${USERS[1]}/organization_memberships`,
    "/v1/organization_memberships",
    "/v1/organization_invitations",
    `/v1/organizations/${ORGANIZATION}/invitations`,
    `/v1/organizations/${ORGANIZATION}/invitations/${INVITED}`,
    `/v1/organizations/${ORGANIZATION}/billing/subscription`,
  ];
  for (const path of paths) {
    const { status, code } = await ask(api, path);
    assert.deepEqual([path, status, code], [path, 403, "organization_not_enabled_in_instance"]);
  }
  for (const path of ["/v1/instance", "/v1/users", `/v1/users/${USERS[1]}`, "/v1/users/count"]) {
    assert.equal((await ask(api, path)).status, 200, path);
  }
  const headers = { Authorization: "Bearer sk_test_other" };
  assert.equal((await ask(api, "/v1/organizations", { headers })).code, "clerk_key_invalid");
  assert.equal((await ask(api, "/v1/organizations?limt=5")).code, "form_param_unknown");
});

const SUBSCRIPTIONS = [
  "/v1/billing/subscription_items",
  `/v1/billing/subscription_items/${FREE}`,
  `/v1/users/${USERS[0]}/billing/subscription`,
  `/v1/organizations/${ORGANIZATION}/billing/subscription`,
];

for (
  const [status, wanted] of [[403, "billing_not_enabled"], [404, "resource_not_found"]] as const
) {
  Deno.test(`with Billing switched off every path of it is ${status} ${wanted}, and no other`, async () => {
    await using api = startClerkApi({ instance });
    api.billing = status;
    for (const path of SUBSCRIPTIONS) {
      const answer = await ask(api, path);
      assert.deepEqual([path, answer.status, answer.code], [path, status, wanted]);
    }
    assert.equal((await ask(api, "/v1/organization_invitations")).status, 200);
    api.billing = "on";
    for (const path of SUBSCRIPTIONS) assert.equal((await ask(api, path)).status, 200, path);
  });
}

Deno.test("subscription items come newest first, free ones when they are asked for", async () => {
  await using api = startClerkApi({ instance });
  const idsAt = async (query: string) => {
    const { body } = await ask(api, `/v1/billing/subscription_items${query}`);
    return [...idsOf(body), (body as { total_count: number }).total_count];
  };
  const [old, now] = PAID;
  assert.deepEqual(await idsAt(""), [now, old, 2]);
  assert.deepEqual(await idsAt("?include_free=true"), [now, old, FREE, 3]);
  assert.deepEqual(await idsAt("?include_free=true&limit=1&offset=2"), [FREE, 3]);
});

Deno.test("a payer's subscription has what is not over, without its payer", async () => {
  await using api = startClerkApi({ instance });
  const { body } = await ask(api, `/v1/organizations/${ORGANIZATION}/billing/subscription`);
  const { subscription_items: [item, ...others] } = body as { subscription_items: object[] };
  assert.deepEqual(others, []);
  assert.partialDeepStrictEqual(item, { id: PAID[1], plan_period: "month", status: "active" });
  assert.ok(item && !("payer" in item) && !("interval" in item));
});

Deno.test("invitations come of all organizations or of one, by their state, and with it by id", async () => {
  await using api = startClerkApi({ instance });
  const of = `/v1/organizations/${ORGANIZATION}/invitations`;
  const idsAt = async (path: string) => idsOf((await ask(api, path)).body);
  assert.deepEqual(await idsAt("/v1/organization_invitations?order_by=%2Bcreated_at"), [
    INVITED,
    ACCEPTED,
  ]);
  assert.deepEqual(await idsAt("/v1/organization_invitations"), [ACCEPTED, INVITED]);
  assert.deepEqual(await idsAt(`${of}?status=pending`), [INVITED]);
  assert.deepEqual(await idsAt(`${of}?status=pending&status=accepted`), [ACCEPTED, INVITED]);
  assert.deepEqual(await idsAt(`/v1/organizations/${OTHER}/invitations`), []);
  assert.equal((await ask(api, `${of}/${ACCEPTED}`)).status, 200);
});

Deno.test("a fault strikes so many of the requests that match, and then no more", async () => {
  await using api = startClerkApi({ instance });
  api.faults.next(2, { kind: "server_error", status: 503 }, (path) => path === "/v1/users");
  const statuses = [];
  for (const path of ["/v1/users", "/v1/organizations", "/v1/users", "/v1/users"]) {
    statuses.push((await ask(api, path)).status);
  }
  assert.deepEqual(statuses, [503, 200, 503, 200]);
});

Deno.test("a request that hangs ends with the server, and keeps no other waiting", async () => {
  const api = startClerkApi({ instance });
  api.faults.next(1, { kind: "hang" });
  const hanging = ask(api, "/v1/instance").catch((error: unknown) => error);
  while (api.requests.length === 0) await new Promise((wake) => setTimeout(wake, 5));
  assert.equal((await ask(api, "/v1/users")).status, 200);
  await api[Symbol.asyncDispose]();
  assert.ok(await hanging instanceof TypeError);
});

Deno.test("a rate limit refuses what is too much for its window, and opens with the next", () => {
  let now = 1_000_000;
  const wait = createRateLimit({ requests: 1, windowMs: 10_000 }, () => now);
  assert.equal(wait(), null);
  now += 2_500;
  assert.equal(wait(), 8);
  now += 7_500;
  assert.equal(wait(), null);
});

Deno.test("the server runs as a process that says where it is, and ends at SIGTERM", async () => {
  const serve = join(import.meta.dirname!, "serve.ts");
  const args = ["run", "-A", "--no-check", serve, "--users", "30", "--rate-limit", "3"];
  const process = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  const reader = process.stdout.getReader();
  const line = new TextDecoder().decode((await reader.read()).value);
  const { url, secretKey } = JSON.parse(line) as { url: string; secretKey: string };
  const clerk = createClerkApi({ apiUrl: url, secretKey, timeoutMs: 5_000 });
  assert.match(await clerk.instanceId(), /^ins_/);
  assert.equal((await clerk.users({ limit: 5, after: null })).total, 30);
  await assert.rejects(clerk.instanceId(), { failure: "rate_limited" });
  process.kill("SIGTERM");
  assert.equal((await process.status).code, 0);
  await reader.cancel();
});
