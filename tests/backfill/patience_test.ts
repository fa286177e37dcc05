/** Clerk's API and the project, called with patience and within the rate limit. */
import assert from "node:assert/strict";
import { createThrottle, defaultRate, patientClerk } from "../../scripts/clerk/patient_clerk.ts";
import { noTraffic } from "../../scripts/project/persist.ts";
import { projectRpc } from "../../scripts/project/rpc.ts";
import { ClerkApiError, createClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { RpcResult } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { generatedInstance } from "../clerk_api/generated_instance.ts";
import { startClerkApi } from "../clerk_api/server.ts";

/** Few retries, after few milliseconds. */
const PATIENCE = { retries: 5, firstPauseMs: 5, longestPauseMs: 20 };

const WINDOW_MS = 1_000;

/** What begins so soon after something else is in its window, also where this process was held up in between. */
const SOON_MS = WINDOW_MS / 2;

const NEVER = new AbortController().signal;

/** When each of so many calls began, in ms. */
async function beginnings(
  throttle: ReturnType<typeof createThrottle>,
  calls: number,
  { requests = 1, startedAt = performance.now() } = {},
): Promise<number[]> {
  const times: number[] = [];
  const call = () => Promise.resolve(void times.push(performance.now() - startedAt));
  await Promise.all(Array.from({ length: calls }, () => throttle.run(requests, call, NEVER)));
  return times;
}

Deno.test("the rate: in no window more requests begin than the rate allows", async () => {
  const throttle = createThrottle({ rate: 5, concurrency: 50, windowMs: WINDOW_MS });
  const startedAt = performance.now();
  const early = await beginnings(throttle, 1, { startedAt });
  await new Promise((wake) => setTimeout(wake, 0.7 * WINDOW_MS));
  const times = [...early, ...await beginnings(throttle, 12, { startedAt })];
  for (const [index, time] of times.entries()) {
    const soon = times.slice(index).filter((other) => other - time < SOON_MS);
    assert.ok(soon.length <= 5, `${soon.length} within ${SOON_MS} ms: ${times}`);
  }
  assert.ok(times.at(-1)! >= 2 * WINDOW_MS, `${times}`);
});

Deno.test("the rate: a call that sends two requests counts twice", async () => {
  const throttle = createThrottle({ rate: 4, concurrency: 50, windowMs: WINDOW_MS });
  const times = await beginnings(throttle, 4, { requests: 2 });
  assert.equal(times.filter((time) => time - times[0]! < SOON_MS).length, 2, `${times}`);
});

Deno.test("the rate: no more calls are under way at once than asked for", async () => {
  const throttle = createThrottle({ rate: 1000, concurrency: 3 });
  let underWay = 0;
  let most = 0;
  const call = async () => {
    most = Math.max(most, ++underWay);
    await new Promise((wake) => setTimeout(wake, 2));
    underWay--;
  };
  await Promise.all(Array.from({ length: 12 }, () => throttle.run(1, call, NEVER)));
  assert.equal(most, 3);
});

Deno.test("the rate: a pause holds back every call, and a shorter one does not end it", async () => {
  const throttle = createThrottle({ rate: 1000, concurrency: 10 });
  throttle.hold(100);
  throttle.hold(10);
  const times = await beginnings(throttle, 3);
  assert.ok(times.every((time) => time >= 95), `${times}`);
});

Deno.test("the rate: an interruption ends the wait", async () => {
  const throttle = createThrottle({ rate: 1000, concurrency: 10 });
  throttle.hold(50);
  const interruption = new AbortController();
  const waiting = throttle.run(1, () => Promise.resolve(), interruption.signal);
  interruption.abort(new Error("interrupted"));
  await assert.rejects(waiting, { message: "interrupted" });
  await throttle.run(1, () => Promise.resolve(), NEVER);
});

Deno.test("the rate: by default a tenth of Clerk's limit is left to the app", () => {
  assert.deepEqual([defaultRate(true), defaultRate(false)], [900, 90]);
});

/** RPCs that end so, one call after the other; the last way goes on. */
function calls(...results: RpcResult[]) {
  const traffic = noTraffic();
  const interruption = new AbortController();
  const callRpc = () => Promise.resolve(results.length > 1 ? results.shift()! : results[0]!);
  const options = { traffic, signal: interruption.signal, onWait: () => {}, patience: PATIENCE };
  return { rpc: projectRpc(callRpc, options), traffic, interruption };
}

const DONE: RpcResult = { kind: "done", answer: { applied: 1, stale: 0 } };

Deno.test("the project: a conflict and what may pass are tried again", async () => {
  const { rpc, traffic } = calls(
    { kind: "conflict", code: "40P01" },
    { kind: "failed", code: "unreachable" },
    { kind: "failed", code: "57P01" },
    DONE,
  );
  assert.deepEqual(await rpc("sync_upsert_users"), { applied: 1, stale: 0 });
  assert.deepEqual(traffic, { clerk: 0, project: 4, retries: 3 });
});

Deno.test("the project: patience ends, with the last failure", async () => {
  const { rpc, traffic } = calls({ kind: "failed", code: "PGRST002" }, {
    kind: "failed",
    code: "timeout",
  });
  await assert.rejects(rpc("sync_upsert_users"), { kind: "failed", code: "timeout" });
  assert.equal(traffic.project, 1 + PATIENCE.retries);
});

Deno.test("the project: what waiting does not mend is not tried again", async () => {
  for (const code of ["22P05", "42501", "42883", "PGRST202", "PGRST301", "unexpected_answer"]) {
    const kind = code.startsWith("22") ? "refused" : "failed";
    const { rpc, traffic } = calls({ kind, code });
    await assert.rejects(rpc("sync_upsert_users"), { name: "ProjectError", kind, code });
    assert.equal(traffic.project, 1, code);
  }
});

Deno.test("the project: after an interruption a call is still made, but not a second time", async () => {
  const finished = calls(DONE);
  finished.interruption.abort();
  assert.deepEqual(await finished.rpc("sync_save_run"), { applied: 1, stale: 0 });
  const failed = calls({ kind: "failed", code: "unreachable" });
  failed.interruption.abort();
  await assert.rejects(failed.rpc("sync_save_run"), { code: "unreachable" });
  assert.equal(failed.traffic.project, 1);
});

Deno.test("the project: a call that is done when an interruption comes is done", async () => {
  const interruption = new AbortController();
  const callRpc = (): Promise<RpcResult> => {
    interruption.abort();
    return Promise.resolve(DONE);
  };
  const options = { traffic: noTraffic(), signal: interruption.signal, onWait: () => {} };
  assert.deepEqual(await projectRpc(callRpc, options)("sync_upsert_users"), {
    applied: 1,
    stale: 0,
  });
});

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
  await using given = start({ timeoutMs: 1_000 });
  given.server.faults.next(1, { kind: "html" });
  given.server.faults.next(1, { kind: "cut_off" });
  given.server.faults.next(1, { kind: "hang" });
  given.server.faults.next(1, { kind: "server_error", status: 500 });
  given.server.faults.next(1, { kind: "rate_limited", retryAfterSeconds: null });
  const { items } = await given.clerk.organizations(PAGE);
  assert.equal(items.length, 3);
  assert.deepEqual(given.traffic, { clerk: 6, project: 0, retries: 5 });
  assert.equal(given.waits.length, 5);
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
