import assert from "node:assert/strict";
import type { RpcResult } from "../../../supabase/functions/_clerk_sync/database/rpc.ts";
import { RUNS_LIMIT } from "../../../supabase/functions/sync-from-clerk/service.ts";
import { ask } from "../../clerk_api/ask.ts";
import { type Fault, type Strikes, timeoutFor } from "../../clerk_api/faults.ts";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { databaseBy, emptyDatabase, row } from "./empty_database.ts";
import {
  type Endpoint,
  said,
  SECRET_KEY,
  signedIn,
  startEndpoint,
  TOKENS,
  writesOf,
} from "./endpoint.ts";

const SESSION = { sub: "user_1" };

/** One user in one organization. */
function small(): WorldInstance {
  const instance = new WorldInstance();
  instance.addUser({ id: SESSION.sub });
  instance.addOrganization({ id: "org_1", created_by: SESSION.sub });
  return instance;
}

/** All of the copy is missing, so that every sync would write. */
const nothingHere = () =>
  emptyDatabase({
    compare_users: [row("user_1", "missing")],
    compare_orgs: [row("org_1", "missing")],
  });

function startWith(fault: Fault): Endpoint {
  const clerkTimeoutMs = timeoutFor(fault);
  return startEndpoint({ instance: small(), database: nothingHere(), clerkTimeoutMs });
}

const FAULTS: [string, Fault, string][] = [
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

const PLACES: [string, Strikes][] = [
  ["its instance", (path) => path === "/v1/instance"],
  ["the user", (path) => path === "/v1/users/user_1"],
  ["the memberships", (path) => path.endsWith("/organization_memberships")],
  ["the organization", (path) => path === "/v1/organizations/org_1"],
];

for (const [what, fault, answer] of FAULTS) {
  Deno.test(`while Clerk ${what}, the answer is ${answer} and nothing is written`, async () => {
    for (const [where, strikes] of PLACES) {
      await using endpoint = startWith(fault);
      endpoint.clerk.faults.always(fault, strikes);
      assert.equal(await endpoint.sync(SESSION), answer, where);
      assert.deepEqual(writesOf(endpoint.calls), [], where);
    }
  });
}

const MISTAKEN: [string, string, Record<string, string>][] = [
  ["a user", "/v1/users/user_2/organization_memberships", { clerkUserId: "user_1" }],
  [
    "an organization",
    "/v1/organizations/org_2/memberships",
    { clerkOrganizationId: "org_1" },
  ],
  ["the members", "/v1/users?user_id=user_2", { clerkOrganizationId: "org_1" }],
];

for (const [of, path, body] of MISTAKEN) {
  Deno.test(`a list of ${of} that holds what was not asked for is answered 502, and nothing is written`, async () => {
    const instance = small();
    instance.addUser({ id: "user_2" });
    instance.addOrganization({ id: "org_2", created_by: "user_2" });
    await using endpoint = startEndpoint({ instance, database: nothingHere() });
    const list = (await ask(endpoint.clerk, path)).body;
    const [, ending = ""] = /(\/[a-z_]+)(\?.*)?$/.exec(path) ?? [];
    endpoint.clerk.faults.always(
      { kind: "other_json", body: list },
      (struck) => struck.endsWith(ending),
    );
    assert.equal(await endpoint.sync(null, body), "502 clerk_invalid_answer");
    assert.match(endpoint.lines.join(), /not what was asked for/);
    assert.deepEqual(writesOf(endpoint.calls), []);
  });
}

for (const [what, fault, answer] of FAULTS) {
  // A page of some proxy has a status, but is no set of keys.
  const word = answer.includes("invalid_answer") ? /^50[23] clerk_/ : new RegExp(`^${answer}$`);
  Deno.test(`while Clerk ${what} when asked for its key, nobody gets in`, async () => {
    await using endpoint = startWith(fault);
    endpoint.clerk.faults.always(fault, (path) => path === "/v1/jwks");
    assert.match(await endpoint.sync(SESSION), word);
    assert.deepEqual(endpoint.calls, []);
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

const FAILURES: [string, RpcResult, string][] = [
  ["is down", { kind: "failed", code: "unreachable" }, "503 unavailable"],
  ["does not know an RPC", { kind: "failed", code: "PGRST202" }, "503 unavailable"],
  ["conflicts again and again", { kind: "conflict", code: "40001" }, "503 unavailable"],
  ["answers something else", { kind: "done", answer: { a: 1 } }, "503 unavailable"],
  ["refuses a row", { kind: "refused", code: "23514" }, "503 unavailable"],
];

for (const [what, result, answer] of FAILURES) {
  Deno.test(`while the database ${what}, the answer is ${answer}`, async () => {
    const there = nothingHere();
    for (const rpc of ["compare_users", "list_memberships", "bind_instance", "upsert_user"]) {
      const database = databaseBy((call, signal) =>
        call.name === rpc ? result : there.callRpc(call, signal)
      );
      await using endpoint = startEndpoint({ instance: small(), database });
      assert.equal(await endpoint.sync(SESSION), answer, rpc);
    }
  });
}

Deno.test("what comes while too many syncs are under way is answered 429 with Retry-After", async () => {
  const held = Promise.withResolvers<RpcResult>();
  const database = databaseBy(({ name }) =>
    name === "compare_users" ? held.promise : { kind: "done", answer: undefined }
  );
  const instance = new WorldInstance();
  const ids = Array.from({ length: RUNS_LIMIT + 1 }, (_, index) => `user_${index}`);
  for (const id of ids) instance.addUser({ id });
  await using endpoint = startEndpoint({ instance, database });
  const headers = { apikey: SECRET_KEY };
  const asked = ids.map((clerkUserId) => endpoint.ask({ body: { clerkUserId }, headers }));
  const first = await Promise.race(asked);
  held.resolve({ kind: "done", answer: [] });
  assert.equal(said(first), "429 too_many_requests");
  assert.match(first.headers.get("retry-after") ?? "", /^\d+$/);
  const others = (await Promise.all(asked)).filter((reply) => reply !== first);
  assert.deepEqual(new Set(others.map(said)), new Set(["200 in_sync"]));
});
