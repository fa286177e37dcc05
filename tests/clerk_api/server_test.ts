import assert from "node:assert/strict";
import { ask, idsOf } from "./ask.ts";
import { startClerkApi } from "./server.ts";
import { WorldInstance } from "./world_instance.ts";

const instance = new WorldInstance();
const USERS = Array.from({ length: 12 }, () => instance.addUser());
const ORGANIZATION = instance.addOrganization({ created_by: USERS[0]!, slug: "acme" });
instance.addMembership(ORGANIZATION, USERS[1]!);

const REFUSED: [why: string, path: string, status: number, code: string][] = [
  ["a parameter it does not know", "/v1/users?limt=5", 422, "form_param_unknown"],
  [
    "a cursor for the count",
    `/v1/users/count?starting_after=${USERS[0]}`,
    422,
    "form_param_unknown",
  ],
  [
    "an order for a user's memberships",
    `/v1/users/${USERS[0]}/organization_memberships?order_by=-created_at`,
    422,
    "form_param_unknown",
  ],
  ["a page of none", "/v1/users?limit=0", 422, "form_param_value_invalid"],
  ["a page of more than 500", "/v1/organizations?limit=501", 422, "form_param_value_invalid"],
  ["an offset before the start", "/v1/organizations?offset=-1", 422, "form_param_value_invalid"],
  [
    "an order that it does not have",
    "/v1/organizations?order_by=%2Bupdated_at",
    422,
    "form_param_value_invalid",
  ],
  ["a + that is not escaped", "/v1/users?order_by=+created_at", 422, "form_param_value_invalid"],
  [
    "a cursor that is no user",
    "/v1/users?starting_after=user_nobody",
    422,
    "form_param_value_invalid",
  ],
  [
    "a cursor in another order",
    `/v1/users?starting_after=${USERS[0]}&order_by=username`,
    422,
    "form_param_value_invalid",
  ],
  [
    "more than 100 ids",
    `/v1/users?${"user_id=a&".repeat(101)}limit=1`,
    422,
    "form_param_value_invalid",
  ],
  ["what it can't do as Clerk can", "/v1/users?query=ada", 501, "not_in_this_server"],
  ["the id of nobody", "/v1/users/user_nobody", 404, "resource_not_found"],
  [
    "the memberships of nobody",
    "/v1/users/user_nobody/organization_memberships",
    404,
    "resource_not_found",
  ],
  ["the id of no organization", "/v1/organizations/org_none", 404, "resource_not_found"],
  [
    "the members of no organization",
    "/v1/organizations/org_none/memberships",
    404,
    "resource_not_found",
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

const HEADERS: [
  why: string,
  headers: Record<string, string | null>,
  status: number,
  code: string,
][] = [
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

Deno.test("without parameters a list has the ten newest, the newest first", async () => {
  await using api = startClerkApi({ instance });
  const { body } = await ask(api, "/v1/users");
  assert.deepEqual(idsOf(body), USERS.toReversed().slice(0, 10));
});

Deno.test("users are a plain array, other lists have their total", async () => {
  await using api = startClerkApi({ instance });
  assert.ok(Array.isArray((await ask(api, "/v1/users?limit=2")).body));
  const paths = [
    ["/v1/users/count", 12],
    ["/v1/organizations?limit=1", 1],
    ["/v1/organization_memberships?limit=1", 2],
    [`/v1/organizations/${ORGANIZATION}/memberships?limit=1`, 2],
    [`/v1/users/${USERS[1]}/organization_memberships`, 1],
  ] as const;
  for (const [path, total] of paths) {
    const { body, headers } = await ask(api, path);
    assert.equal((body as { total_count: number }).total_count, total, path);
    assert.equal(headers.get("Content-Type"), "application/json");
  }
});

Deno.test("an offset goes on after so many, and past the end there is nothing", async () => {
  await using api = startClerkApi({ instance });
  const order = "order_by=%2Bcreated_at&limit=1&offset";
  const { body: users } = await ask(api, `/v1/users?${order}=3`);
  assert.deepEqual(idsOf(users), [USERS[3]]);
  const [first, second, third] = await Promise.all(
    [0, 1, 2].map((offset) => ask(api, `/v1/organization_memberships?${order}=${offset}`)),
  );
  assert.notDeepEqual(idsOf(first!.body), idsOf(second!.body));
  assert.deepEqual(third!.body, { data: [], total_count: 2 });
});

Deno.test("a cursor goes on after its user, in either direction", async () => {
  await using api = startClerkApi({ instance });
  const after = `limit=2&starting_after=${USERS[5]}`;
  const up = await ask(api, `/v1/users?${after}&order_by=%2Bcreated_at`);
  assert.deepEqual(idsOf(up.body), [USERS[6], USERS[7]]);
  const down = await ask(api, `/v1/users?${after}&order_by=-created_at`);
  assert.deepEqual(idsOf(down.body), [USERS[4], USERS[3]]);
});

Deno.test("a filter by user takes ids that are not there for nothing", async () => {
  await using api = startClerkApi({ instance });
  const { body } = await ask(api, `/v1/users?user_id=user_nobody&user_id=%2B${USERS[3]}`);
  assert.deepEqual(idsOf(body), [USERS[3]]);
  const path = `/v1/organizations/${ORGANIZATION}/memberships?user_id=${USERS[2]}`;
  assert.deepEqual((await ask(api, path)).body, { data: [], total_count: 0 });
});

Deno.test("an organization answers to its id and to its slug, its members only to its id", async () => {
  await using api = startClerkApi({ instance });
  const byId = await ask(api, `/v1/organizations/${ORGANIZATION}`);
  assert.deepEqual((await ask(api, "/v1/organizations/acme")).body, byId.body);
  assert.equal((await ask(api, "/v1/organizations/acme/memberships")).status, 404);
});

Deno.test("the server remembers what it was asked for, in order", async () => {
  await using api = startClerkApi({ instance });
  await ask(api, "/v1/users?limit=2");
  await ask(api, "/v1/userz");
  assert.deepEqual(api.requests, ["GET /v1/users?limit=2", "GET /v1/userz"]);
});

const OF_ORGANIZATIONS = [
  "/v1/organizations",
  `/v1/organizations/${ORGANIZATION}`,
  "/v1/organizations/org_none",
  `/v1/organizations/${ORGANIZATION}/memberships`,
  `/v1/users/${USERS[1]}/organization_memberships`,
  "/v1/organization_memberships",
];

Deno.test("with organizations switched off every path of them is 403, and no other", async () => {
  await using api = startClerkApi({ instance });
  api.hasOrganizations = false;
  for (const path of OF_ORGANIZATIONS) {
    const { status, code } = await ask(api, path);
    assert.deepEqual([path, status, code], [path, 403, "organization_not_enabled_in_instance"]);
  }
  for (const path of ["/v1/instance", "/v1/users", `/v1/users/${USERS[1]}`, "/v1/users/count"]) {
    assert.equal((await ask(api, path)).status, 200, path);
  }
});

Deno.test("switched off or not, a wrong key and an unknown parameter are refused as such", async () => {
  await using api = startClerkApi({ instance });
  api.hasOrganizations = false;
  const headers = { Authorization: "Bearer sk_test_other" };
  assert.equal((await ask(api, "/v1/organizations", { headers })).code, "clerk_key_invalid");
  assert.equal((await ask(api, "/v1/organizations?limt=5")).code, "form_param_unknown");
});
