import assert from "node:assert/strict";
import {
  createLog,
  LOG_LEVELS,
  type LogFields,
  type LogLevel,
} from "../../supabase/functions/_clerk_sync/log.ts";
import { SAMPLE_TYPES, SAMPLES } from "../../scripts/simulate/samples.ts";
import { databaseThat, type FakeDatabase, fakeDatabase } from "../support/fake_database.ts";
import { type Difference, OTHER_SECRET, SECRET, signedRequest } from "../support/signed_request.ts";
import { startWebhook } from "../support/webhook.ts";
import {
  createFloodLog,
  LINES_PER_MINUTE,
} from "../../supabase/functions/clerk-webhook/flood_log.ts";

/** The lines of one delivery. */
async function linesOf(
  difference: Difference,
  logLevel: LogLevel,
  database: FakeDatabase = fakeDatabase(),
): Promise<Record<string, unknown>[]> {
  const webhook = startWebhook({ logLevel, database });
  await webhook.send(signedRequest(difference));
  return webhook.lines.map((line) => JSON.parse(line));
}

/** Every text in a body but Clerk's own words (`verified`, `user.created`) and what is too short to tell apart. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") {
    return value.length < 6 || /^[a-zA-Z_]+(\.[a-z]+)?$/.test(value) ? [] : [value];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

Deno.test("a line is one JSON object with time, level, message and fields", () => {
  const lines: string[] = [];
  const now = () => new Date("2026-03-02T09:00:00Z");
  createLog("info", (line) => lines.push(line), now)("warn", "two\nlines", { a: "\n\u2028", b: 1 });
  assert.deepEqual(lines, [
    '{"time":"2026-03-02T09:00:00.000Z","level":"warn","message":"two\\nlines",' +
    '"a":"\\n\u2028","b":1}',
  ]);
});

Deno.test("lines below the level are left out", () => {
  for (const [index, least] of LOG_LEVELS.entries()) {
    const levels: string[] = [];
    const log = createLog(least, (line) => levels.push(JSON.parse(line).level));
    for (const level of LOG_LEVELS) log(level, "line");
    assert.deepEqual(levels, LOG_LEVELS.slice(index));
  }
});

Deno.test("an applied event is one line of level info: status, outcome, id, type and duration", async () => {
  const [line, ...more] = await linesOf({ id: "msg_7" }, "info");
  assert.deepEqual(more, []);
  const { time, ms, ...rest } = line ?? {};
  assert.ok(typeof ms === "number" && typeof time === "string");
  assert.deepEqual(rest, {
    level: "info",
    message: "delivery",
    status: 200,
    outcome: "applied",
    event_id: "msg_7",
    event_type: "user.created",
  });
});

const UNAVAILABLE = { kind: "failed", code: "57014" } as const;

const ENDS: [string, Difference, FakeDatabase, object][] = [
  ["an ignored type", { event: { type: "email.created", data: {} } }, fakeDatabase(), {
    level: "info",
    status: 200,
    outcome: "ignored",
  }],
  ["a refused method", { method: "GET" }, fakeDatabase(), { level: "warn", status: 405 }],
  ["a bad signature", { secret: OTHER_SECRET }, fakeDatabase(), {
    level: "warn",
    status: 401,
    error: "invalid_signature",
    reason: "No matching signature found",
  }],
  ["a rejected event", { event: { type: "user.deleted", data: {} } }, fakeDatabase(), {
    level: "warn",
    status: 422,
    error: "rejected",
    error_code: "invalid_body",
    reason: "data.id: expected string",
  }],
  ["a failed event", {}, databaseThat(UNAVAILABLE), {
    level: "error",
    status: 503,
    error: "unavailable",
    error_code: "57014",
  }],
];

for (const [what, difference, database, expected] of ENDS) {
  Deno.test(`${what} is one line, which says why`, async () => {
    const [line = {}, ...more] = await linesOf(difference, "info", database);
    assert.deepEqual(more, []);
    assert.partialDeepStrictEqual(line, expected);
  });
}

Deno.test("debug shows each step of a delivery", async () => {
  const lines = await linesOf({ id: "msg_7" }, "debug");
  assert.deepEqual(lines.map(({ level, message }) => `${level} ${message}`), [
    "debug verified",
    "debug parsed",
    "debug applying",
    "info delivery",
  ]);
  assert.ok(lines.every(({ event_id }) => event_id === "msg_7"));
  assert.equal(lines[2]?.rpc, "upsert_user");
});

Deno.test("at error, what went well is not logged", async () => {
  assert.deepEqual(await linesOf({}, "error"), []);
});

Deno.test("no line holds anything of a body but its type, whatever becomes of it", async () => {
  const databases = [
    databaseThat({ kind: "done", answer: "applied" }),
    databaseThat({ kind: "refused", code: "22001" }),
    databaseThat({ kind: "failed", code: "timeout" }),
    fakeDatabase(() => {
      throw new Error(JSON.stringify(SAMPLES));
    }),
  ];
  const webhooks = databases.map((database) => startWebhook({ database, logLevel: "debug" }));
  for (const type of SAMPLE_TYPES) {
    for (const webhook of webhooks) {
      await webhook.send(signedRequest({ event: SAMPLES[type] }));
      await webhook.send(signedRequest({ event: SAMPLES[type], secret: OTHER_SECRET }));
      const data = { ...SAMPLES[type].data, id: { email: "ada.lovelace@example.com" } };
      await webhook.send(signedRequest({ event: { ...SAMPLES[type], data } }));
    }
  }

  const lines = webhooks.flatMap((webhook) => webhook.lines);
  assert.ok(lines.length > SAMPLE_TYPES.length * webhooks.length * 3);
  const secrets = [SECRET, OTHER_SECRET].map((secret) => secret.replace("whsec_", ""));
  const forbidden = [
    ...textsOf(SAMPLES),
    ...secrets,
    "@",
    "v1,",
    "Ada",
    "Lovelace",
    "London",
    "Macintosh",
  ];
  for (const text of forbidden) {
    assert.equal(lines.find((line) => line.includes(text)), undefined);
  }
});

Deno.test("no line holds a key or a value of rejected metadata", async () => {
  const webhook = startWebhook({ logLevel: "debug" });
  const tooDeep = `${'{"ada@example.com":'.repeat(600)}"secret"${"}".repeat(600)}`;
  for (const metadata of [tooDeep, '["ada@example.com"]', '"ada@example.com"']) {
    const body = `{"type":"user.updated","data":{"id":"user_1","public_metadata":${metadata}}}`;
    assert.equal((await webhook.send(signedRequest({ body }))).status, 422);
  }
  assert.ok(!/@|secret/.test(webhook.lines.join()));
});

Deno.test("neither does the ledger", async () => {
  const webhook = startWebhook();
  const data = { id: "user_1", email_addresses: [{ id: "idn_1", email_address: ["ada@b.c"] }] };
  await webhook.send(signedRequest({ event: { type: "user.updated", data } }));
  assert.equal(
    webhook.calls[0]?.args.p_error,
    "data.email_addresses.0.email_address: expected string",
  );
  assert.ok(!JSON.stringify(webhook.calls).includes("ada@"));
});

/** A log whose clock a test turns, and what came through it. */
function startLog() {
  let ms = 0;
  const lines: (LogFields & { message: string })[] = [];
  const log = createFloodLog(
    (_level, message, fields) => lines.push({ message, ...fields }),
    () => ms,
  );
  return { lines, wait: (forMs: number) => ms += forMs, log };
}

Deno.test("an address over its limit is one line a minute, and a number with the next one", () => {
  const { lines, wait, log } = startLog();
  for (let round = 0; round < 1000; round++) {
    log("warn", "delivery", { status: 429, address_bucket: 7 });
  }
  assert.equal(lines.length, 1);

  wait(60_000);
  log("info", "delivery", { status: 200 });
  assert.deepEqual(lines.slice(1), [
    { message: "left_out", status: 429, address_bucket: 7, count: 999 },
    { message: "delivery", status: 200 },
  ]);
});

Deno.test("each address has its own line", () => {
  const { lines, log } = startLog();
  for (const address_bucket of [1, 2, 1, 2]) {
    log("warn", "delivery", { status: 429, address_bucket });
  }
  assert.deepEqual(lines.map((line) => line.address_bucket), [1, 2]);
});

Deno.test("a flood of addresses fills no more lines than the minute has, and counts the rest", () => {
  const { lines, wait, log } = startLog();
  const requests = 20_000;
  for (let index = 0; index < requests; index++) {
    log("warn", "delivery", { status: 401 });
    log("warn", "delivery", { status: 429, address_bucket: index % 4096 });
  }
  assert.equal(lines.length, LINES_PER_MINUTE);

  wait(60_000);
  log("info", "delivery", { status: 200 });
  const counts = lines.map(({ count }) => Number(count ?? 0));
  assert.equal(counts.reduce((sum, count) => sum + count), requests * 2 - LINES_PER_MINUTE);
  assert.ok(lines.length < LINES_PER_MINUTE * 2, `${lines.length} lines`);
});

Deno.test("what is signed is logged in the midst of a flood", () => {
  const { lines, log } = startLog();
  for (let round = 0; round < 1000; round++) log("warn", "delivery", { status: 401 });
  for (const status of [200, 422, 503]) log("info", "delivery", { status });
  assert.deepEqual(lines.slice(-3).map(({ status }) => status), [200, 422, 503]);
});

Deno.test("the next minute has its lines again", () => {
  const { lines, wait, log } = startLog();
  for (let round = 0; round < LINES_PER_MINUTE + 1; round++) {
    log("warn", "delivery", { status: 401 });
  }
  wait(60_000);
  log("warn", "delivery", { status: 401 });
  assert.deepEqual(lines.slice(LINES_PER_MINUTE), [
    { message: "left_out", status: 401, address_bucket: undefined, count: 1 },
    { message: "delivery", status: 401 },
  ]);
});
