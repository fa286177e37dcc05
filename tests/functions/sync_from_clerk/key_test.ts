import assert from "node:assert/strict";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { PUBLISHABLE_KEY, said, SECRET_KEY, signedIn, startEndpoint } from "./endpoint.ts";

/** An instance of two users. */
function twoUsers(): WorldInstance {
  const instance = new WorldInstance();
  for (const id of ["user_1", "user_2"]) instance.addUser({ id });
  return instance;
}

Deno.test("the secret key may sync anyone", async () => {
  await using endpoint = startEndpoint({ instance: twoUsers() });
  for (const clerkUserId of ["user_1", "user_2"]) {
    assert.equal(await endpoint.sync(null, { clerkUserId }), "200 in_sync");
  }
});

Deno.test("any of the project's secret keys will do", async () => {
  const env = {
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sb_secret_1", sync: "sb_secret_2" }),
  };
  await using endpoint = startEndpoint({ instance: twoUsers(), env });
  for (const apikey of ["sb_secret_1", "sb_secret_2"]) {
    const reply = await endpoint.ask({ body: { clerkUserId: "user_1" }, headers: { apikey } });
    assert.equal(said(reply), "200 in_sync");
  }
});

Deno.test("without SUPABASE_SECRET_KEYS the service role key is the secret key", async () => {
  const env = { SUPABASE_SECRET_KEYS: "", SUPABASE_SERVICE_ROLE_KEY: "ey.service.role" };
  await using endpoint = startEndpoint({ instance: twoUsers(), env });
  const body = { clerkUserId: "user_1" };
  const ask = (apikey: string) => endpoint.ask({ body, headers: { apikey } });
  assert.equal(said(await ask("ey.service.role")), "200 in_sync");
  assert.equal(said(await ask(SECRET_KEY)), "401 invalid_key");
});

Deno.test("a key that is not the project's is answered 401 invalid_key", async () => {
  await using endpoint = startEndpoint({ instance: twoUsers() });
  for (const apikey of ["sb_secret_other", `${SECRET_KEY}x`, SECRET_KEY.slice(0, -1), "default"]) {
    const reply = await endpoint.ask({ body: { clerkUserId: "user_1" }, headers: { apikey } });
    assert.equal(said(reply), "401 invalid_key", apikey);
  }
  assert.deepEqual(endpoint.calls, []);
  assert.deepEqual(endpoint.clerk.requests, []);
});

Deno.test("the publishable key alone is nobody: 401 missing_token", async () => {
  await using endpoint = startEndpoint({ instance: twoUsers() });
  const body = { clerkUserId: "user_1" };
  assert.equal(
    said(await endpoint.ask({ body, headers: { apikey: PUBLISHABLE_KEY } })),
    "401 missing_token",
  );
  // As supabase-js sends it while nobody is signed in.
  const headers = { apikey: PUBLISHABLE_KEY, authorization: `Bearer ${PUBLISHABLE_KEY}` };
  assert.equal(said(await endpoint.ask({ body, headers })), "401 missing_token");
});

Deno.test("the secret key may stand in the token's place as well, as supabase-js puts it there", async () => {
  await using endpoint = startEndpoint({ instance: twoUsers() });
  const headers = { apikey: SECRET_KEY, authorization: `Bearer ${SECRET_KEY}` };
  assert.equal(
    said(await endpoint.ask({ body: { clerkUserId: "user_1" }, headers })),
    "200 in_sync",
  );
});

Deno.test("the secret key in the token's place alone is no token", async () => {
  await using endpoint = startEndpoint({ instance: twoUsers() });
  const headers = { authorization: `Bearer ${SECRET_KEY}` };
  assert.equal(
    said(await endpoint.ask({ body: { clerkUserId: "user_1" }, headers })),
    "401 invalid_token",
  );
});

Deno.test("beside a token no key counts, not even a wrong one", async () => {
  await using endpoint = startEndpoint({ instance: twoUsers() });
  for (const apikey of [PUBLISHABLE_KEY, SECRET_KEY, "sb_publishable_other"]) {
    const headers = { ...await signedIn({ sub: "user_1" }), apikey };
    assert.equal(said(await endpoint.ask({ body: {}, headers })), "200 in_sync");
    const other = await endpoint.ask({ body: { clerkUserId: "user_2" }, headers });
    assert.equal(said(other), "403 forbidden", apikey);
  }
});
