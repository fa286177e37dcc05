/** One word for an uptime monitor, and what deliveries signed otherwise do to it: no stranger decides it for ever. */
import assert from "node:assert/strict";
import type { RpcResult } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import type { HealthStatus } from "../../supabase/functions/_clerk_sync/health.ts";
import {
  createCheckHealth,
  REFUSED_AT_MOST_MS,
} from "../../supabase/functions/clerk-webhook/check_health.ts";
import { createHandler } from "../../supabase/functions/clerk-webhook/handler.ts";
import { createRefusals, REFUSALS_KEPT } from "../../supabase/functions/clerk-webhook/stats.ts";
import { withTimersUpAtOnce } from "../support/clock.ts";
import { type FakeDatabase, fakeDatabase, syncStatus } from "../support/fake_database.ts";
import {
  type Difference,
  OTHER_SECRET,
  signedRequest,
  WEBHOOK_URL,
} from "../support/signed_request.ts";
import { FOLLOWED, replyOf, startWebhook, type WebhookOptions } from "../support/webhook.ts";

const HEALTH_URL = `${WEBHOOK_URL}/health`;
const NEVER = { applied: null, stale: null, ignored: null, rejected: null, failed: null };
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const done = (difference: object = {}): RpcResult => ({
  kind: "done",
  answer: syncStatus(difference),
});
const open = (failed: number, rejected: number) => ({
  open: { failed, rejected, oldest_at: new Date().toISOString() },
});
const lastAppliedHoursAgo = (hours: number) => ({
  last: { ...NEVER, applied: new Date(Date.now() - hours * HOUR_MS).toISOString() },
});
const other = (answer: unknown): RpcResult => ({ kind: "done", answer });

const WORDS: [what: string, answer: RpcResult, said: string, silentAfterHours?: number][] = [
  ["while everything is settled", done(), "200 ok"],
  ["before the first event", done({ last: NEVER }), "200 ok", 1],
  ["with rejected events", done(open(0, 3)), "200 ok"],
  ["while an event that failed is open", done(open(1, 0)), "503 failing"],
  ["in silence for which no hours are set", done(lastAppliedHoursAgo(25)), "200 ok"],
  ["in silence before its hours", done(lastAppliedHoursAgo(25)), "200 ok", 26],
  ["in silence after its hours", done(lastAppliedHoursAgo(25)), "503 silent", 24],
  ["while the database is down", { kind: "failed", code: "unreachable" }, "503 database"],
  ["where the database answers null", other(null), "503 database"],
  ["where the database answers a text", other("ok"), "503 database"],
  ["where the database answers nothing of it", other({}), "503 database"],
  ["where the database answers in part", done({ open: null }), "503 database"],
];

for (const [what, answer, said, silentAfterHours = null] of WORDS) {
  Deno.test(`health ${what} is ${said}, by one question to the database`, async () => {
    const webhook = startWebhook({ database: fakeDatabase(() => answer), silentAfterHours });
    assert.equal((await webhook.send(new Request(HEALTH_URL))).said, said);
    assert.deepEqual(webhook.calls, [{ name: "sync_status", args: {} }]);
  });
}

Deno.test("a database that hangs is 503 database within two seconds", async () => {
  const database = fakeDatabase((_call, signal) =>
    new Promise((resolve) =>
      signal.addEventListener("abort", () => resolve({ kind: "failed", code: "timeout" }))
    )
  );
  const webhook = startWebhook({ database });
  const waitedMs = await withTimersUpAtOnce(async () => {
    assert.equal((await webhook.send(new Request(HEALTH_URL))).said, "503 database");
  });
  assert.equal(waitedMs, 2_000);
});

Deno.test("without a usable configuration health is 503 misconfigured", async () => {
  const handle = createHandler(null, () => {});
  const { said } = await replyOf(await handle(new Request(HEALTH_URL)));
  assert.equal(said, "503 misconfigured");
});

Deno.test("health is plain text that nobody may keep, for GET and HEAD; a delivery to it is answered 405", async () => {
  const webhook = startWebhook({ database: fakeDatabase(() => done()) });
  for (const method of ["GET", "HEAD"]) {
    const { status, headers } = await webhook.send(new Request(HEALTH_URL, { method }));
    assert.equal(status, 200);
    assert.match(headers.get("content-type") ?? "", /^text\/plain/);
    assert.equal(headers.get("cache-control"), "no-store");
  }
  const { method, headers, body } = signedRequest();
  const posted = await webhook.send(new Request(HEALTH_URL, { method, headers, body }));
  assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD"]);
});

/** A database whose ledger holds what the function has entered. */
function ledger(): FakeDatabase {
  const last: HealthStatus["last"] = { ...NEVER };
  return fakeDatabase(({ name, args }) => {
    if (name === "sync_status") return done({ last });
    const outcome = name === "record_event" ? args.p_outcome as keyof typeof NEVER : "applied";
    last[outcome] = new Date().toISOString();
    return { kind: "done", answer: "applied" };
  });
}

const LONG_AGO = new Date(Date.now() - 10 * MINUTE_MS);
const wrong = { secret: OTHER_SECRET };
const times = (count: number, difference: Difference, id = (index: number) => `msg_${index}`) =>
  Array.from({ length: count }, (_, index): Difference => ({ ...difference, id: id(index) }));
const TEN = times(10, wrong);
const RIGHT: Difference = { id: "msg_right" };

/** What is delivered, the word after it, and how many refused events are waited for. */
const REFUSALS: [what: string, differences: Difference[], said: string, after?: number | null][] = [
  ["ten of ten with another secret's signature", TEN, "503 refused"],
  ["three with webhook-* headers", times(3, { ...wrong, prefix: "webhook" }), "503 refused"],
  ["ten, and one that is verified and entered", [...TEN, RIGHT], "200 ok"],
  ["ten, and one that is rejected for its body", [...TEN, { ...RIGHT, body: "[]" }], "200 ok"],
  [
    "ten, and one that is ignored, which may be the doctor's own",
    [...TEN, { ...RIGHT, event: { type: "doctor.ping", data: {} } }],
    "503 refused",
  ],
  ["two events, eight times each", times(16, wrong, (index) => `msg_${index % 2}`), "200 ok"],
  ["ids longer than any of Svix's", times(10, wrong, (i) => "x".repeat(256 + i)), "200 ok"],
  ["ten where no number of them is wanted", TEN, "200 ok", null],
  ...([
    ["no signature", { headers: { "svix-signature": null } }],
    ["a signature that is too short", { headers: { "svix-signature": "v1,bm8=" } }],
    ["a signature of another version", {
      headers: { "svix-signature": `v1a,${"A".repeat(43)}=` },
    }],
    ["no id", { headers: { "svix-id": null } }],
    ["a timestamp of long ago", { ...wrong, at: LONG_AGO }],
    ["no timestamp", { ...wrong, headers: { "svix-timestamp": null } }],
    ["a body that is no text", { ...wrong, sent: new Uint8Array([0xff, 0xfe]) }],
  ] as [string, Difference][]).map(([what, difference]): [string, Difference[], string] => [
    `a flood with ${what}`,
    times(200, difference),
    "200 ok",
  ]),
];

for (const [what, differences, said, refusedAfterEvents = 3] of REFUSALS) {
  Deno.test(`after deliveries refused, ${what}, health is ${said}`, async () => {
    const options: WebhookOptions = { database: ledger(), refusedAfterEvents };
    const webhook = startWebhook(options);
    for (const difference of differences) await webhook.deliver({ event: FOLLOWED, ...difference });
    assert.equal((await webhook.send(new Request(HEALTH_URL))).said, said);
    const logged = /"message":"health","word":"refused","reason":"Deliveries arrive/;
    assert.equal(logged.test(webhook.lines.join("\n")), said === "503 refused");
  });
}

/** A check whose clock and ledger a test turns, and a stranger who sends what is well-formed. */
function startCheck(silentAfterHours: number | null = null) {
  let ms = Date.parse("2026-11-24T12:00:00Z");
  let [sent, failed, asked] = [0, 0, 0];
  let last: HealthStatus["last"] = { ...NEVER };
  const lines: string[] = [];
  const refusals = createRefusals(() => ms);
  const check = createCheckHealth({
    callRpc: () => {
      asked++;
      return Promise.resolve(done({ last, open: { failed, rejected: 0, oldest_at: null } }));
    },
    silentAfterHours,
    refusedAfterEvents: 3,
    stats: { refusals },
    log: (level, message, fields) => lines.push(`${level} ${message} ${fields?.word}`),
    now: () => ms,
  });
  return {
    check,
    lines,
    refusals,
    asked: () => asked,
    flood: (events: number) => {
      const { headers } = signedRequest(wrong);
      for (let index = 0; index < events; index++) {
        headers.set("svix-id", `msg_stranger_${sent++}`);
        refusals.note(headers);
      }
    },
    enter: () => last = { ...last, applied: new Date(ms).toISOString() },
    fail: (count: number) => failed = count,
    wordIn: async (forMs: number) => {
      ms += forMs;
      return await check();
    },
  };
}

Deno.test("a flood of questions reaches the database once in five seconds", async () => {
  const { check, asked, wordIn } = startCheck();
  await Promise.all(Array.from({ length: 1000 }, check));
  for (let round = 0; round < 1000; round++) await check();
  await wordIn(4_999);
  assert.equal(asked(), 1);
  await Promise.all([wordIn(1), check()]);
  assert.equal(asked(), 2);
});

Deno.test("health is logged when it changes, and then only", async () => {
  const { fail, lines, wordIn } = startCheck();
  for (const failed of [0, 0, 1, 1, 0, 0]) {
    fail(failed);
    await wordIn(5_000);
  }
  assert.deepEqual(lines, ["error health failing", "info health ok"]);
});

Deno.test("a flood takes no more memory than a hundred ids", () => {
  const { refusals, flood } = startCheck();
  flood(50_000);
  assert.equal(refusals.count(), REFUSALS_KEPT);
});

Deno.test("a quarter of an hour after the last refusal health is ok again, by itself", async () => {
  const { flood, wordIn } = startCheck();
  flood(1_000);
  const words = [await wordIn(0), await wordIn(15 * MINUTE_MS), await wordIn(MINUTE_MS)];
  assert.deepEqual(words, ["refused", "refused", "ok"]);
});

Deno.test("an event that any process entered vouches for a quarter of an hour, whatever a stranger sends", async () => {
  const { flood, enter, wordIn } = startCheck();
  enter();
  for (let minute = 0; minute < 15; minute++) {
    flood(1_000);
    assert.equal(await wordIn(MINUTE_MS), "ok");
  }
  assert.equal(await wordIn(MINUTE_MS), "refused");
  enter();
  assert.equal(await wordIn(MINUTE_MS), "ok");
});

Deno.test("a flood that never ends holds the word for six hours, and then no more", async () => {
  const { flood, enter, wordIn } = startCheck();
  const STEP_MS = 5 * MINUTE_MS;
  const steps = REFUSED_AT_MOST_MS / STEP_MS;
  for (let step = 0; step < steps + 200; step++) {
    flood(10);
    assert.equal(await wordIn(step === 0 ? 0 : STEP_MS), step < steps ? "refused" : "ok");
  }
  enter();
  assert.equal(await wordIn(STEP_MS), "ok");
  flood(10);
  assert.equal(await wordIn(15 * MINUTE_MS), "refused", "after an event it may be said anew");
});

Deno.test("a stranger hides neither a failure nor, for long, silence", async () => {
  const { flood, enter, fail, wordIn } = startCheck(1);
  enter();
  await wordIn(2 * HOUR_MS);
  flood(10);
  assert.equal(await wordIn(5_000), "refused");
  for (let quarter = 0; quarter < 24; quarter++) {
    flood(10);
    await wordIn(15 * MINUTE_MS);
  }
  assert.equal(await wordIn(5_000), "silent");
  fail(1);
  assert.equal(await wordIn(5_000), "failing");
});
