import assert from "node:assert/strict";
import { BODY_LIMIT_BYTES } from "../../../supabase/functions/sync-from-clerk/receive.ts";
import {
  type Ask,
  SECRET_KEY,
  signedIn,
  startEndpoint,
  URL_HERE,
  usersOf,
} from "../../support/sync_endpoint.ts";

const KEY = { apikey: SECRET_KEY };

const INVALID: [what: string, ask: Ask][] = [
  ["a body that is no JSON", { body: "{" }],
  ["a body that is null", { body: null }],
  ["a body that is a list", { body: [] }],
  ["a body that is a text", { body: '"user_1"' }],
  ["a name that is mistyped", { body: { clerkUserID: "user_1" } }],
  ["one thing too many", { body: { clerkUserId: "user_1", limit: 5 } }],
  ["the secret key, which is no user, and {}", { body: {} }],
  ["the secret key and an empty body", { body: "" }],
  ["the secret key and no body", {}],
  ["the secret key and no query", { method: "GET" }],
];

for (const [what, ask] of INVALID) {
  Deno.test(`${what}: 400 invalid_request, and nobody is asked`, async () => {
    await using endpoint = startEndpoint();
    assert.equal((await endpoint.ask({ ...ask, headers: KEY })).said, "400 invalid_request");
    assert.deepEqual([endpoint.calls, endpoint.clerk.requests], [[], []]);
  });
}

const NO_IDS: unknown[] = [
  ...["", "user_", "usr_1", "org_1", "user_1/../../organizations/org_1", "user_1?limit=5"],
  ...["user_1 ", "user_ü", "user_1\n", "user_%00", `user_${"a".repeat(200)}`],
  ...[1, null, ["user_1"], { id: "user_1" }],
];

Deno.test("an id that is none is answered 400 invalid_id, and nobody is asked", async () => {
  await using endpoint = startEndpoint();
  for (const clerkUserId of NO_IDS) {
    assert.equal(await endpoint.sync(null, { clerkUserId }), "400 invalid_id", `${clerkUserId}`);
    if (typeof clerkUserId !== "string") continue;
    assert.equal(await endpoint.check(null, { clerkUserId }), "400 invalid_id", clerkUserId);
  }
  assert.equal(await endpoint.sync(null, { clerkOrganizationId: "user_1" }), "400 invalid_id");
  assert.deepEqual([endpoint.calls, endpoint.clerk.requests], [[], []]);
});

Deno.test("who calls is asked before what is called for", async () => {
  await using endpoint = startEndpoint();
  for (const body of ["{", { clerkUserId: 1 }]) {
    assert.equal((await endpoint.ask({ body })).said, "401 missing_token");
  }
});

Deno.test("a parameter that is named twice is answered 400 invalid_request", async () => {
  await using endpoint = startEndpoint();
  const url = `${URL_HERE}?clerkUserId=user_1&clerkUserId=user_2`;
  const response = await endpoint.handle(new Request(url, { headers: KEY }));
  assert.deepEqual([response.status, await response.json()], [400, { error: "invalid_request" }]);
});

Deno.test("without a body, and with {}, a signed-in user syncs themself", async () => {
  await using endpoint = startEndpoint({ instance: usersOf("user_1") });
  const headers = await signedIn({ sub: "user_1" });
  const asks: Ask[] = [{ body: {} }, { body: "" }, { body: " \n" }, {}, { method: "GET" }];
  for (const ask of asks) assert.equal((await endpoint.ask({ ...ask, headers })).status, 200);
  assert.equal(endpoint.clerk.requests.filter((path) => path === "GET /v1/users/user_1").length, 5);
});

Deno.test("other parameters of a query are not looked at: supabase-js adds its own", async () => {
  await using endpoint = startEndpoint({ instance: usersOf("user_1") });
  const query = { clerkUserId: "user_1", forceFunctionRegion: "eu-west-1" };
  assert.equal(await endpoint.check(null, query), "200 true");
});

Deno.test("a body or a query that is too large is answered 413", async () => {
  await using endpoint = startEndpoint();
  const body = `{"clerkUserId":"user_1"}${" ".repeat(BODY_LIMIT_BYTES)}`;
  assert.equal(await endpoint.sync(null, body), "413 too_large");
  const query = { clerkUserId: "user_1", more: "x".repeat(1_000) };
  assert.equal(await endpoint.check(null, query), "413 too_large");
});

for (const method of ["PUT", "PATCH", "DELETE", "HEAD"]) {
  Deno.test(`${method} is answered 405, and told what there is`, async () => {
    await using endpoint = startEndpoint();
    const { status, headers } = await endpoint.ask({ method, headers: KEY });
    assert.deepEqual([status, headers.get("allow")], [405, "GET, POST, OPTIONS"]);
  });
}
