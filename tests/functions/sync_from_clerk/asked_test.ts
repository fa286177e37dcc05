import assert from "node:assert/strict";
import { BODY_LIMIT_BYTES } from "../../../supabase/functions/sync-from-clerk/receive.ts";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import {
  type Ask,
  requestOf,
  said,
  SECRET_KEY,
  signedIn,
  startEndpoint,
  URL_HERE,
} from "./endpoint.ts";

const KEY = { apikey: SECRET_KEY };

const NO_REQUESTS: [string, unknown][] = [
  ["no JSON", "{"],
  ["null", null],
  ["a list", []],
  ["a text", '"user_1"'],
  ["a name that is mistyped", { clerkUserID: "user_1" }],
  ["one thing too many", { clerkUserId: "user_1", limit: 5 }],
];

for (const [what, body] of NO_REQUESTS) {
  Deno.test(`a body that is ${what} is answered 400 invalid_request`, async () => {
    await using endpoint = startEndpoint();
    assert.equal(said(await endpoint.ask({ body, headers: KEY })), "400 invalid_request");
    assert.deepEqual([endpoint.calls, endpoint.clerk.requests], [[], []]);
  });
}

Deno.test("the secret key without an id is answered 400 invalid_request: it is no user", async () => {
  await using endpoint = startEndpoint();
  for (const ask of [{ body: {} }, { body: "" }, {}, { method: "GET" }]) {
    assert.equal(said(await endpoint.ask({ ...ask, headers: KEY })), "400 invalid_request");
  }
});

const NO_IDS: unknown[] = [
  "",
  "user_",
  "usr_1",
  "org_1",
  "user_1/../../organizations/org_1",
  "user_1?limit=5",
  "user_1 ",
  "user_ü",
  "user_1\n",
  "user_%00",
  `user_${"a".repeat(200)}`,
  1,
  null,
  ["user_1"],
  { id: "user_1" },
];

Deno.test("an id that is none is answered 400 invalid_id, and nobody is asked", async () => {
  await using endpoint = startEndpoint();
  for (const clerkUserId of NO_IDS) {
    const reply = await endpoint.ask({ body: { clerkUserId }, headers: KEY });
    assert.equal(said(reply), "400 invalid_id", JSON.stringify(clerkUserId));
    const organization = await endpoint.ask({
      body: { clerkOrganizationId: "user_1" },
      headers: KEY,
    });
    assert.equal(said(organization), "400 invalid_id");
    if (typeof clerkUserId !== "string") continue;
    const asked = await endpoint.ask({ method: "GET", query: { clerkUserId }, headers: KEY });
    assert.equal(said(asked), "400 invalid_id", clerkUserId);
  }
  assert.deepEqual([endpoint.calls, endpoint.clerk.requests], [[], []]);
});

Deno.test("who calls is asked before what is called for", async () => {
  await using endpoint = startEndpoint();
  assert.equal(said(await endpoint.ask({ body: "{" })), "401 missing_token");
  assert.equal(said(await endpoint.ask({ body: { clerkUserId: 1 } })), "401 missing_token");
});

Deno.test("a parameter that is named twice is answered 400 invalid_request", async () => {
  await using endpoint = startEndpoint();
  const url = `${URL_HERE}?clerkUserId=user_1&clerkUserId=user_2`;
  const response = await endpoint.handle(new Request(url, { headers: KEY }));
  assert.deepEqual([response.status, await response.json()], [400, { error: "invalid_request" }]);
});

Deno.test("without a body, and with {}, a signed-in user syncs themself", async () => {
  const instance = new WorldInstance();
  instance.addUser({ id: "user_1" });
  await using endpoint = startEndpoint({ instance });
  const headers = await signedIn({ sub: "user_1" });
  const asks: Ask[] = [{ body: {} }, { body: "" }, { body: " \n" }, {}, { method: "GET" }];
  for (const ask of asks) assert.match(said(await endpoint.ask({ ...ask, headers })), /^200 /);
  assert.equal(endpoint.clerk.requests.filter((path) => path === "GET /v1/users/user_1").length, 5);
});

Deno.test("other parameters of a query are not looked at: supabase-js adds its own", async () => {
  const instance = new WorldInstance();
  instance.addUser({ id: "user_1" });
  await using endpoint = startEndpoint({ instance });
  const query = { clerkUserId: "user_1", forceFunctionRegion: "eu-west-1" };
  assert.equal(said(await endpoint.ask({ method: "GET", query, headers: KEY })), "200 true");
});

Deno.test("a body or a query that is too large is answered 413", async () => {
  await using endpoint = startEndpoint();
  const body = `{"clerkUserId":"user_1"}${" ".repeat(BODY_LIMIT_BYTES)}`;
  assert.equal(said(await endpoint.ask({ body, headers: KEY })), "413 too_large");
  const query = { clerkUserId: "user_1", more: "x".repeat(1_000) };
  assert.equal(said(await endpoint.ask({ method: "GET", query, headers: KEY })), "413 too_large");
});

for (const method of ["PUT", "PATCH", "DELETE", "HEAD"]) {
  Deno.test(`${method} is answered 405, and told what there is`, async () => {
    await using endpoint = startEndpoint();
    const response = await endpoint.handle(requestOf({ method, headers: KEY }));
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, POST, OPTIONS"]);
  });
}
