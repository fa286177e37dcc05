import assert from "node:assert/strict";
import { CALLS_PER_MINUTE } from "../../../supabase/functions/sync-from-clerk/caller.ts";
import { CLERK_REQUEST_LIMIT } from "../../../supabase/functions/sync-from-clerk/read.ts";
import { RUNS_LIMIT } from "../../../supabase/functions/sync-from-clerk/service.ts";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { databaseBy, emptyDatabase, row } from "./empty_database.ts";
import { said, signedIn, startEndpoint, writesOf } from "./endpoint.ts";

/** So many users, in one organization whose admin is the first. */
function crowd(size: number): WorldInstance {
  const instance = new WorldInstance();
  const ids = Array.from({ length: size }, (_, index) => `user_${index}`);
  for (const id of ids) instance.addUser({ id });
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
    assert.equal(said(reply), "429 too_many_requests");
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
    if (name === "bound_instance" && ++came === CALLERS) allCame.resolve();
    if (name === "compare_users") await held.promise;
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

Deno.test("one call asks Clerk for so much and no more: 422 too_large_organization, and nothing is written", async () => {
  const instance = crowd(CLERK_REQUEST_LIMIT);
  const doubtful = Array.from(
    { length: CLERK_REQUEST_LIMIT },
    (_, index) => row(`user_${index}`, "newer"),
  );
  const database = emptyDatabase({ compare_users: doubtful });
  await using endpoint = startEndpoint({ instance, database });
  const answer = await endpoint.sync(null, { clerkOrganizationId: "org_1" });
  assert.equal(answer, "422 too_large_organization");
  assert.ok(endpoint.clerk.requests.length <= CLERK_REQUEST_LIMIT);
  assert.deepEqual(writesOf(endpoint.calls), []);
});
