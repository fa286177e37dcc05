import assert from "node:assert/strict";
import { INSTANCE_ID } from "../../clerk_api/instance.ts";
import { emptyDatabase, row } from "../../support/fake_database.ts";
import { startEndpoint, TOKENS, usersOf, writesOf } from "../../support/sync_endpoint.ts";

const SESSION = { sub: "user_1" };

/** A user who is not as in Clerk, and another one who is not in Clerk at all. */
const DRIFT = { sync_compare_users: [row("user_1", "stale"), row("user_9", "stale")] };

Deno.test("the project is bound to the key's instance before the first write, and not before", async () => {
  const database = emptyDatabase(DRIFT);
  await using endpoint = startEndpoint({ instance: usersOf("user_1"), database });
  await endpoint.check(null, { clerkUserId: "user_1" });
  assert.deepEqual(writesOf(endpoint.calls), []);
  await endpoint.sync(SESSION);
  const [bind, ...writes] = endpoint.calls.filter(({ name }) =>
    writesOf([{ name, args: {} }]).length
  );
  assert.deepEqual(bind, { name: "sync_bind_instance", args: { p_instance_id: INSTANCE_ID } });
  assert.deepEqual(writes.map(({ name }) => name), ["upsert_user"]);
});

for (const [by, env] of [["JWKS", {}], ["PEM", { CLERK_JWT_KEY: TOKENS.pem }]] as const) {
  Deno.test(`a key of another instance than the project's writes and deletes nothing, by ${by}`, async () => {
    const database = emptyDatabase({ ...DRIFT, sync_bound_instance: "ins_other" });
    await using endpoint = startEndpoint({ instance: usersOf("user_1"), database, env });
    assert.equal(await endpoint.sync(SESSION), "500 misconfigured");
    assert.equal(await endpoint.sync(null, { clerkUserId: "user_1" }), "500 misconfigured");
    assert.equal(await endpoint.sync(null, { clerkUserId: "user_9" }), "500 misconfigured");
    assert.equal(await endpoint.check(null, { clerkUserId: "user_9" }), "500 misconfigured");
    assert.ok(endpoint.calls.every(({ name }) => name === "sync_bound_instance"));
    assert.match(endpoint.lines.at(-1) ?? "", /CLERK_SECRET_KEY is of another instance/);
    assert.doesNotMatch(endpoint.lines.join(), /ins_/);
  });
}

Deno.test("a project that another instance takes first is left alone", async () => {
  const database = emptyDatabase({ ...DRIFT, sync_bind_instance: "other" });
  await using endpoint = startEndpoint({ instance: usersOf("user_1"), database });
  assert.equal(await endpoint.sync(SESSION), "500 misconfigured");
  assert.deepEqual(writesOf(endpoint.calls), ["sync_bind_instance"]);
});

Deno.test("with CLERK_INSTANCE_ID the key has to be that instance's", async () => {
  const answers = { [INSTANCE_ID]: "200 in_sync", ins_2: "500 misconfigured" };
  for (const [CLERK_INSTANCE_ID, answer] of Object.entries(answers)) {
    await using endpoint = startEndpoint({
      instance: usersOf("user_1"),
      env: { CLERK_INSTANCE_ID },
    });
    assert.equal(await endpoint.sync(SESSION), answer);
    assert.deepEqual(writesOf(endpoint.calls), []);
  }
});

Deno.test("Clerk is asked once which instance a key is of, the project each time", async () => {
  await using endpoint = startEndpoint({ instance: usersOf("user_1") });
  const isInstance = (path: string) => path === "/v1/instance";
  endpoint.clerk.faults.next(1, { kind: "server_error", status: 500 }, isInstance);
  assert.equal(await endpoint.sync(SESSION), "503 clerk_unavailable");
  for (let round = 0; round < 3; round++) await endpoint.sync(SESSION);
  const asked = endpoint.clerk.requests.filter((path) => path === "GET /v1/instance");
  assert.equal(asked.length, 2);
  assert.equal(endpoint.calls.filter(({ name }) => name === "sync_bound_instance").length, 3);
});
