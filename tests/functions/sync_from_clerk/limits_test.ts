import assert from "node:assert/strict";
import type { RpcResult } from "../../../supabase/functions/_clerk_sync/database/rpc.ts";
import { CALLS_PER_MINUTE } from "../../../supabase/functions/sync-from-clerk/caller.ts";
import {
  CLERK_REQUEST_LIMIT,
  MEMBERSHIP_LIMIT,
} from "../../../supabase/functions/sync-from-clerk/read.ts";
import { READING_LIMIT } from "../../../supabase/functions/sync-from-clerk/receive.ts";
import { RUNS_LIMIT } from "../../../supabase/functions/sync-from-clerk/service.ts";
import type { WorldInstance } from "../../clerk_api/world_instance.ts";
import { databaseBy, emptyDatabase, row } from "../../support/fake_database.ts";
import {
  type Endpoint,
  signedIn,
  startEndpoint,
  URL_HERE,
  usersOf,
  writesOf,
} from "../../support/sync_endpoint.ts";
import { replyOf } from "../../support/webhook.ts";

/** So many users, in one organization whose admin is the first. */
function crowd(size: number): WorldInstance {
  const ids = Array.from({ length: size }, (_, index) => `user_${index}`);
  const instance = usersOf(...ids);
  instance.addOrganization({ id: "org_1", created_by: "user_0" });
  for (const id of ids.slice(1)) instance.addMembership("org_1", id);
  return instance;
}

Deno.test("a user who calls too often is answered 429 with Retry-After, and others are not", async () => {
  await using endpoint = startEndpoint({ instance: crowd(2) });
  for (let call = 0; call < CALLS_PER_MINUTE.user; call++) {
    assert.equal(await endpoint.sync({ sub: "user_0" }), "200 in_sync");
  }
  const asked = endpoint.clerk.requests.length;
  for (const method of ["POST", "GET"]) {
    const reply = await endpoint.ask({ method, headers: await signedIn({ sub: "user_0" }) });
    assert.equal(reply.said, "429 too_many_requests");
    assert.match(reply.headers.get("retry-after") ?? "", /^[1-9]\d?$/);
  }
  assert.equal(endpoint.clerk.requests.length, asked);
  assert.equal(await endpoint.sync({ sub: "user_1" }), "200 in_sync");
  assert.equal(await endpoint.sync(null, { clerkUserId: "user_0" }), "200 in_sync");
});

Deno.test("who asks for what is being synced waits for the same answer, and Clerk is asked once", async () => {
  const CALLERS = RUNS_LIMIT + 5;
  const held = Promise.withResolvers<void>();
  const allCame = Promise.withResolvers<void>();
  let came = 0;
  const database = databaseBy(async ({ name }) => {
    if (name === "sync_bound_instance" && ++came === CALLERS) allCame.resolve();
    if (name === "sync_compare_users") await held.promise;
    return { kind: "done", answer: undefined };
  });
  await using endpoint = startEndpoint({ instance: crowd(1), database });
  const sync = () => endpoint.sync(null, { clerkUserId: "user_0" });
  const answers = Promise.all(Array.from({ length: CALLERS }, sync));
  await allCame.promise;
  await new Promise((resume) => setTimeout(resume));
  held.resolve();

  assert.deepEqual(await answers, Array(CALLERS).fill("200 in_sync"));
  const asked = () => endpoint.clerk.requests.filter((path) => path === "GET /v1/users/user_0");
  assert.equal(asked().length, 1);
  assert.equal(await sync(), "200 in_sync");
  assert.equal(asked().length, 2);
});

Deno.test("what comes while too many syncs are under way is answered 429 with Retry-After", async () => {
  const held = Promise.withResolvers<RpcResult>();
  const database = databaseBy(({ name }) =>
    name === "sync_compare_users" ? held.promise : { kind: "done", answer: undefined }
  );
  const ids = Array.from({ length: RUNS_LIMIT + 1 }, (_, index) => `user_${index}`);
  await using endpoint = startEndpoint({ instance: usersOf(...ids), database });
  const asked = ids.map(async (sub) =>
    await endpoint.ask({ body: {}, headers: await signedIn({ sub }) })
  );
  const first = await Promise.race(asked);
  held.resolve({ kind: "done", answer: [] });
  assert.equal(first.said, "429 too_many_requests");
  assert.match(first.headers.get("retry-after") ?? "", /^\d+$/);
  const others = (await Promise.all(asked)).filter((reply) => reply !== first);
  assert.deepEqual(new Set(others.map(({ said }) => said)), new Set(["200 in_sync"]));
});

const ORGANIZATION = { clerkOrganizationId: "org_1" };

Deno.test("one call asks Clerk for so much and no more: 422 too_large_organization, and nothing is written", async () => {
  const doubtful = Array.from(
    { length: CLERK_REQUEST_LIMIT },
    (_, index) => row(`user_${index}`, "newer"),
  );
  const database = emptyDatabase({ sync_compare_users: doubtful });
  await using endpoint = startEndpoint({ instance: crowd(CLERK_REQUEST_LIMIT), database });
  assert.equal(await endpoint.sync(null, ORGANIZATION), "422 too_large_organization");
  // The instance of the key is looked up once, for all calls.
  const asked = endpoint.clerk.requests.filter((path) => path !== "GET /v1/instance");
  assert.equal(asked.length, CLERK_REQUEST_LIMIT);
  assert.deepEqual(writesOf(endpoint.calls), []);
});

Deno.test("an organization with more members than one request can do is answered 422", async () => {
  const instance = crowd(2);
  await using endpoint = startEndpoint({ instance });
  instance.memberships = () => ({ items: [], total: MEMBERSHIP_LIMIT + 1 });
  assert.equal(await endpoint.sync(null, ORGANIZATION), "422 too_large_organization");
  assert.match(endpoint.lines.join(), /npm run drift/);
  assert.deepEqual(writesOf(endpoint.calls), []);
});

for (const body of [ORGANIZATION, { clerkUserId: "user_0" }]) {
  Deno.test(`so is ${Object.keys(body)} with as many memberships here, of which no more are read`, async () => {
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
      answer: name === "sync_list_memberships" ? page() : undefined,
    }));
    await using endpoint = startEndpoint({ instance: crowd(1), database });
    assert.equal(await endpoint.sync(null, body), "422 too_large_organization");
    const cursors = endpoint.calls.filter(({ name }) => name === "sync_list_memberships")
      .map(({ args }) => args.p_after);
    assert.equal(new Set(cursors).size, MEMBERSHIP_LIMIT / 500 + 1);
  });
}

/** Sends more bodies than there are places, which do not come to an end, and says when they do. */
function sendSlowly(endpoint: Endpoint, headers: Record<string, string>) {
  const end = Promise.withResolvers<void>();
  const said = Array.from({ length: READING_LIMIT + 10 }, async () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
      pull: (controller) => end.promise.then(() => controller.close()),
    });
    const request = new Request(URL_HERE, { method: "POST", headers, body });
    return (await replyOf(await endpoint.handle(request))).said;
  });
  return { said, end: end.resolve };
}

Deno.test("strangers are answered before their bodies, and keep nobody out who is known", async () => {
  await using endpoint = startEndpoint({ instance: crowd(2) });
  const { said, end } = sendSlowly(endpoint, {});
  assert.equal(await endpoint.sync({ sub: "user_0" }), "200 in_sync");
  assert.equal(await endpoint.sync(null, { clerkUserId: "user_1" }), "200 in_sync");
  assert.deepEqual(new Set(await Promise.all(said)), new Set(["401 missing_token"]));
  end();
});

Deno.test("a caller's slow bodies give way to another caller's", async () => {
  await using endpoint = startEndpoint({ instance: crowd(2) });
  const { said, end } = sendSlowly(endpoint, await signedIn({ sub: "user_1" }));
  assert.equal(await Promise.race(said), "429 too_many_requests");
  assert.equal(await endpoint.sync({ sub: "user_0" }), "200 in_sync");
  end();
  await Promise.all(said);
});
