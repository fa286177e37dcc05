import assert from "node:assert/strict";
import type { RpcResult } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { createCheckHealth } from "../../supabase/functions/clerk-webhook/check_health.ts";
import { createRefusals } from "../../supabase/functions/clerk-webhook/stats.ts";
import { createHandler } from "../../supabase/functions/clerk-webhook/handler.ts";
import { withTimersUpAtOnce } from "../support/clock.ts";
import { fakeDatabase, syncStatus } from "../support/fake_database.ts";
import { signedRequest, WEBHOOK_URL } from "../support/signed_request.ts";
import { replyOf, startWebhook } from "../support/webhook.ts";

const HEALTH_URL = `${WEBHOOK_URL}/health`;

/** What the public is told when the database answers so. */
async function healthWith(answer: RpcResult, silentAfterHours?: number) {
  const webhook = startWebhook({
    database: fakeDatabase(() => answer),
    ...(silentAfterHours === undefined ? {} : { silentAfterHours }),
  });
  const { status, body } = await webhook.send(new Request(HEALTH_URL));
  assert.deepEqual(webhook.calls, [{ name: "sync_status", args: {} }]);
  return `${status} ${body}`;
}

function done(difference: object = {}): RpcResult {
  return { kind: "done", answer: syncStatus(difference) };
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

Deno.test("while everything is settled, health is 200 ok", async () => {
  assert.equal(await healthWith(done()), "200 ok");
});

Deno.test("before the first event health is ok, and so it is with rejected events", async () => {
  const none = { applied: null, stale: null, ignored: null, rejected: null, failed: null };
  assert.equal(await healthWith(done({ last: none }), 1), "200 ok");
  const open = { failed: 0, rejected: 3, oldest_at: hoursAgo(1) };
  assert.equal(await healthWith(done({ open })), "200 ok");
});

Deno.test("while an event that failed is open, health is 503 failing", async () => {
  const open = { failed: 1, rejected: 0, oldest_at: hoursAgo(1) };
  assert.equal(await healthWith(done({ open })), "503 failing");
});

Deno.test("silence is 503 silent only where hours are set, and only after them", async () => {
  const last = { ...syncStatus().last, applied: hoursAgo(25) };
  assert.equal(await healthWith(done({ last })), "200 ok");
  assert.equal(await healthWith(done({ last }), 26), "200 ok");
  assert.equal(await healthWith(done({ last }), 24), "503 silent");
});

Deno.test("a database that is down, or answers something else, is 503 database", async () => {
  assert.equal(await healthWith({ kind: "failed", code: "unreachable" }), "503 database");
  for (const answer of [null, "ok", {}, { ...syncStatus(), open: null }]) {
    assert.equal(await healthWith({ kind: "done", answer }), "503 database");
  }
});

Deno.test("a database that hangs is 503 database within two seconds", async () => {
  const database = fakeDatabase((_call, signal) =>
    new Promise((resolve) =>
      signal.addEventListener("abort", () => resolve({ kind: "failed", code: "timeout" }))
    )
  );
  const webhook = startWebhook({ database });
  const waitedMs = await withTimersUpAtOnce(async () => {
    assert.equal((await webhook.send(new Request(HEALTH_URL))).body, "database");
  });
  assert.equal(waitedMs, 2_000);
});

Deno.test("without a usable configuration health is 503 misconfigured", async () => {
  const handle = createHandler(null, () => {});
  const { status, body } = await replyOf(await handle(new Request(HEALTH_URL)));
  assert.deepEqual({ status, body }, { status: 503, body: "misconfigured" });
});

Deno.test("health is plain text, and nobody may keep it", async () => {
  const webhook = startWebhook({ database: fakeDatabase(() => done()) });
  const { headers } = await webhook.send(new Request(HEALTH_URL));
  assert.match(headers.get("content-type") ?? "", /^text\/plain/);
  assert.equal(headers.get("cache-control"), "no-store");
});

Deno.test("GET and HEAD ask for health, a delivery to it is answered 405", async () => {
  const webhook = startWebhook({ database: fakeDatabase(() => done()) });
  assert.equal((await webhook.send(new Request(HEALTH_URL, { method: "HEAD" }))).status, 200);
  const { method, headers, body } = signedRequest();
  const posted = await webhook.send(new Request(HEALTH_URL, { method, headers, body }));
  assert.equal(posted.status, 405);
  assert.equal(posted.headers.get("allow"), "GET, HEAD");
});

/** A check whose clock a test turns. */
function startCheck(answers: () => RpcResult) {
  let ms = Date.now();
  let asked = 0;
  const lines: string[] = [];
  const check = createCheckHealth({
    callRpc: () => {
      asked++;
      return Promise.resolve(answers());
    },
    silentAfterHours: null,
    refusedAfterEvents: null,
    stats: { refusals: createRefusals() },
    log: (level, message, fields) => lines.push(`${level} ${message} ${fields?.word}`),
    now: () => ms,
  });
  return { check, lines, asked: () => asked, wait: (forMs: number) => ms += forMs };
}

Deno.test("a flood of questions reaches the database once in five seconds", async () => {
  const { check, asked, wait } = startCheck(done);
  await Promise.all(Array.from({ length: 1000 }, check));
  for (let round = 0; round < 1000; round++) await check();
  assert.equal(asked(), 1);
  wait(4_999);
  await check();
  assert.equal(asked(), 1);
  wait(1);
  await Promise.all([check(), check()]);
  assert.equal(asked(), 2);
});

Deno.test("health is logged when it changes, and then only", async () => {
  const answers = [done(), done(), done({ open: { failed: 1, rejected: 0, oldest_at: null } })];
  answers.push(answers[2]!, done(), done());
  const { check, lines, wait } = startCheck(() => answers.shift()!);
  for (let round = 0; round < 6; round++) {
    await check();
    wait(5_000);
  }
  assert.deepEqual(lines, ["error health failing", "info health ok"]);
});
