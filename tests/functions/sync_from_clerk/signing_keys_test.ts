import assert from "node:assert/strict";
import { createSigningKeys } from "../../../supabase/functions/sync-from-clerk/session_token.ts";
import { startClerkApi } from "../../clerk_api/server.ts";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { TOKENS } from "./endpoint.ts";

/** The keys of an instance, a clock to move, and a count of how often Clerk was asked. */
function start() {
  const jwks = structuredClone(TOKENS.jwks);
  const clerk = startClerkApi({ instance: new WorldInstance(), jwks });
  const clock = { ms: 0 };
  const options = { secretKey: clerk.secretKey, apiUrl: clerk.url, timeoutMs: 1_000 };
  return {
    jwks,
    clock,
    clerk,
    signingKey: createSigningKeys(options, () => clock.ms),
    asked: () => clerk.requests.length,
    [Symbol.asyncDispose]: () => clerk[Symbol.asyncDispose](),
  };
}

Deno.test("a key is found by its id, and kept for five minutes", async () => {
  await using keys = start();
  const { signingKey, clock } = keys;
  const [expected] = TOKENS.jwks.keys;
  assert.deepEqual(await signingKey("ins_test"), expected);
  clock.ms = 299_000;
  await signingKey("ins_test");
  assert.equal(keys.asked(), 1);
  clock.ms = 300_000;
  await signingKey("ins_test");
  assert.equal(keys.asked(), 2);
});

Deno.test("unknown ids lead to one request in ten seconds, however many there are", async () => {
  await using keys = start();
  const { signingKey, clock } = keys;
  for (let index = 0; index < 50; index++) assert.equal(await signingKey(`ins_${index}`), null);
  assert.equal(keys.asked(), 1);
  assert.ok(await signingKey("ins_test"));
  clock.ms = 10_000;
  for (let index = 0; index < 50; index++) assert.equal(await signingKey(`ins_${index}`), null);
  assert.equal(keys.asked(), 2);
});

Deno.test("a new key is found within ten seconds, and one that is gone is forgotten", async () => {
  await using keys = start();
  const { signingKey, clock, jwks } = keys;
  await signingKey("ins_test");
  jwks.keys[0]!.kid = "ins_new";
  clock.ms = 10_000;
  assert.ok(await signingKey("ins_new"));
  assert.equal(await signingKey("ins_test"), null);
});

Deno.test("who asks at the same time waits for the same answer", async () => {
  await using keys = start();
  const { signingKey } = keys;
  const found = await Promise.all(Array.from({ length: 20 }, () => signingKey("ins_test")));
  assert.ok(found.every((key) => key !== null));
  assert.equal(keys.asked(), 1);
});

Deno.test("a failure is not kept", async () => {
  await using keys = start();
  const { signingKey, clerk } = keys;
  clerk.faults.next(1, { kind: "server_error", status: 503 });
  await assert.rejects(signingKey("ins_test"), { failure: "unavailable" });
  assert.ok(await signingKey("ins_test"));
});

Deno.test("an instance without keys is a wrong answer", async () => {
  await using keys = start();
  keys.jwks.keys.length = 0;
  await assert.rejects(keys.signingKey("ins_test"), { failure: "invalid_answer" });
});
