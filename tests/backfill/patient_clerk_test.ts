import assert from "node:assert/strict";
import { createThrottle, patientClerk } from "../../scripts/clerk/patient_clerk.ts";
import { noTraffic } from "../../scripts/project/persist.ts";
import { ClerkApiError, createClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { generatedInstance } from "../clerk_api/generated_instance.ts";
import { startClerkApi } from "../clerk_api/server.ts";

const PATIENCE = { retries: 4, firstPauseMs: 5, longestPauseMs: 20 };

/** Clerk's stand-in, and a patient client of it. */
function start({ secretKey = undefined as string | undefined, timeoutMs = 60_000 } = {}) {
  const instance = generatedInstance({ users: 30, organizations: 3, memberships: 30 });
  const server = startClerkApi({ instance });
  const traffic = noTraffic();
  const waits: string[] = [];
  const interruption = new AbortController();
  const access = { secretKey: secretKey ?? server.secretKey, apiUrl: server.url, timeoutMs };
  const clerk = patientClerk(createClerkApi(access), {
    throttle: createThrottle({ rate: 1000, concurrency: 10 }),
    traffic,
    signal: interruption.signal,
    onWait: (why) => waits.push(why),
    patience: PATIENCE,
  });
  const stop = () => server[Symbol.asyncDispose]();
  return { server, clerk, traffic, waits, interruption, [Symbol.asyncDispose]: stop };
}

const PAGE = { limit: 10, offset: 0 };

/** Clerk's client leaves what it has timed out to itself. */
function patientTest(name: string, run: () => Promise<void>): void {
  Deno.test({ name: `Clerk: ${name}`, fn: run, sanitizeOps: false, sanitizeResources: false });
}

patientTest("what may pass is asked again until it does", async () => {
  await using given = start();
  given.server.faults.next(1, { kind: "html" });
  given.server.faults.next(1, { kind: "cut_off" });
  given.server.faults.next(1, { kind: "server_error", status: 500 });
  given.server.faults.next(1, { kind: "rate_limited", retryAfterSeconds: null });
  const { items } = await given.clerk.organizations(PAGE);
  assert.equal(items.length, 3);
  assert.deepEqual(given.traffic, { clerk: 5, project: 0, retries: 4 });
  assert.equal(given.waits.length, 4);
});

patientTest("an answer that does not come is given up, and asked for again", async () => {
  await using given = start({ timeoutMs: 1_000 });
  given.server.faults.next(1, { kind: "hang" });
  assert.equal((await given.clerk.organizations(PAGE)).items.length, 3);
  assert.equal(given.traffic.retries, 1);
});

patientTest("Retry-After holds back all requests, not only the one that was told", async () => {
  await using given = start();
  given.server.faults.next(1, { kind: "rate_limited", retryAfterSeconds: 1 });
  const startedAt = performance.now();
  const told = given.clerk.organizations(PAGE);
  while (given.waits.length === 0) await new Promise((wake) => setTimeout(wake, 5));
  await given.clerk.memberships(PAGE);
  assert.ok(performance.now() - startedAt > 990);
  await told;
  assert.ok(given.waits.includes("Clerk asks for a pause of 1 s"), given.waits.join("; "));
});

patientTest("patience ends, with the last failure", async () => {
  await using given = start();
  given.server.faults.always({ kind: "server_error", status: 503 });
  await assert.rejects(given.clerk.organizations(PAGE), { failure: "unavailable" });
  assert.equal(given.traffic.clerk, 1 + PATIENCE.retries);
});

patientTest("garbage that stays is given up sooner", async () => {
  await using given = start();
  given.server.faults.always({ kind: "broken_json" });
  await assert.rejects(given.clerk.organizations(PAGE), { failure: "invalid_answer" });
  assert.equal(given.traffic.clerk, 3);
});

patientTest("a wrong key is not tried twice, and not shown", async () => {
  await using given = start({ secretKey: "sk_test_hidden" });
  await assert.rejects(
    given.clerk.instanceId(),
    (error) =>
      error instanceof ClerkApiError && error.failure === "unauthorized" &&
      !error.message.includes("hidden"),
  );
  assert.equal(given.traffic.clerk, 1);
});

patientTest("a page of users counts as the two requests that it is", async () => {
  await using given = start();
  await given.clerk.users({ limit: 10, after: null });
  assert.equal(given.server.requests.length, 2);
  assert.equal(given.traffic.clerk, 2);
});

patientTest("an interruption ends the wait for an answer", async () => {
  await using given = start();
  given.server.faults.next(1, { kind: "hang" });
  const waiting = given.clerk.organizations(PAGE);
  setTimeout(() => given.interruption.abort(new Error("interrupted")), 20);
  await assert.rejects(waiting, { message: "interrupted" });
});
