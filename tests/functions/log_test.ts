import assert from "node:assert/strict";
import { SAMPLE_TYPES, SAMPLES } from "../../scripts/simulate/samples.ts";
import {
  createLog,
  LOG_LEVELS,
  type LogFields,
  type LogLevel,
} from "../../supabase/functions/_clerk_sync/log.ts";
import {
  createFloodLog,
  LINES_PER_MINUTE,
} from "../../supabase/functions/clerk-webhook/flood_log.ts";
import { databaseThat, type FakeDatabase, fakeDatabase } from "../support/fake_database.ts";
import { type Difference, OTHER_SECRET, SECRET } from "../support/signed_request.ts";
import { startWebhook } from "../support/webhook.ts";

/** The lines of one delivery. */
async function linesOf(
  difference: Difference,
  logLevel: LogLevel,
  database: FakeDatabase = fakeDatabase(),
): Promise<Record<string, unknown>[]> {
  const webhook = startWebhook({ logLevel, database });
  await webhook.deliver(difference);
  return webhook.lines.map((line) => JSON.parse(line));
}

/** Every text in a body but Clerk's own words (`verified`, `user.created`) and what is too short to tell apart. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") {
    return value.length < 6 || /^[a-zA-Z_]+(\.[a-zA-Z]+)?$/.test(value) ? [] : [value];
  }
  return Object.values(Object(value)).flatMap(textsOf);
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

Deno.test("lines below the level are left out", async () => {
  for (const [index, least] of LOG_LEVELS.entries()) {
    const levels: string[] = [];
    const log = createLog(least, (line) => levels.push(JSON.parse(line).level));
    for (const level of LOG_LEVELS) log(level, "line");
    assert.deepEqual(levels, LOG_LEVELS.slice(index));
  }
  assert.deepEqual(await linesOf({}, "error"), []);
});

Deno.test("an applied event is one line of level info: status, outcome, id, type and duration", async () => {
  const [line, ...more] = await linesOf({ id: "msg_7" }, "info");
  assert.deepEqual(more, []);
  const { time, ms, ...rest } = line ?? {};
  assert.deepEqual([typeof time, typeof ms], ["string", "number"]);
  const event = { outcome: "applied", event_id: "msg_7", event_type: "user.created" };
  assert.deepEqual(rest, { level: "info", message: "delivery", status: 200, ...event });
});

const FAILED = databaseThat({ kind: "failed", code: "57014" });
const REASON = "No matching signature found";
const EMPTY = { event: { type: "user.deleted", data: {} } };
const INVALID = { error_code: "invalid_body", reason: "data.id: expected string" };

const ENDS: [
  what: string,
  difference: Difference,
  level: LogLevel,
  status: number,
  more: object,
][] = [
  ["an ignored type", { event: { type: "a", data: {} } }, "info", 200, { outcome: "ignored" }],
  ["a refused method", { method: "GET" }, "warn", 405, { error: "method_not_allowed" }],
  ["a bad signature", { secret: OTHER_SECRET }, "warn", 401, { reason: REASON }],
  ["a rejected event", EMPTY, "warn", 422, { error: "rejected", ...INVALID }],
  ["a failed event", {}, "error", 503, { error: "unavailable", error_code: "57014" }],
];

for (const [what, difference, level, status, more] of ENDS) {
  Deno.test(`${what} is one line of level ${level}, which says why`, async () => {
    const database = status === 503 ? FAILED : fakeDatabase();
    const lines = await linesOf(difference, "info", database);
    assert.partialDeepStrictEqual(lines, [{ level, status, ...more }]);
    assert.equal(lines.length, 1);
  });
}

Deno.test("debug shows each step of a delivery", async () => {
  const lines = await linesOf({ id: "msg_7" }, "debug");
  const steps = ["debug verified", "debug parsed", "debug applying", "info delivery"];
  assert.deepEqual(lines.map(({ level, message }) => `${level} ${message}`), steps);
  assert.ok(lines.every(({ event_id }) => event_id === "msg_7"));
  assert.equal(lines[2]?.rpc, "upsert_user");
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
  const webhooks = databases.map((database) => startWebhook({ database }));
  for (const type of SAMPLE_TYPES) {
    for (const webhook of webhooks) {
      await webhook.deliver({ event: SAMPLES[type] });
      await webhook.deliver({ event: SAMPLES[type], secret: OTHER_SECRET });
      const data = { ...SAMPLES[type].data, id: { email: "ada.lovelace@example.com" } };
      await webhook.deliver({ event: { ...SAMPLES[type], data } });
    }
  }

  const lines = webhooks.flatMap((webhook) => webhook.lines);
  assert.ok(lines.length > SAMPLE_TYPES.length * webhooks.length * 3);
  const secrets = [SECRET, OTHER_SECRET].map((secret) => secret.replace("whsec_", ""));
  const words = ["@", "v1,", "Ada", "Lovelace", "London", "Macintosh", "ticket", "amount"];
  for (const text of [...textsOf(SAMPLES), ...secrets, ...words]) {
    assert.equal(lines.find((line) => line.includes(text)), undefined);
  }
});

Deno.test("neither log nor ledger hold a key or a value of what is rejected", async () => {
  const webhook = startWebhook();
  const tooDeep = `${'{"ada@example.com":'.repeat(600)}"secret"${"}".repeat(600)}`;
  const metadata = [tooDeep, '["ada@example.com"]', '"ada@example.com"'];
  const addresses = '[{"id":"idn_1","email_address":["ada@b.c"]}]';
  const fields = metadata.map((json) => `"public_metadata":${json}`);
  for (const field of [...fields, `"email_addresses":${addresses}`]) {
    const body = `{"type":"user.updated","data":{"id":"user_1",${field}}}`;
    assert.equal(await webhook.deliver({ body }), "422 rejected");
  }
  const place = "data.email_addresses.0.email_address: expected string";
  assert.equal(webhook.calls.at(-1)?.args.p_error, place);
  assert.doesNotMatch(webhook.lines.join() + JSON.stringify(webhook.calls), /@|secret/);
});

const PERSON = { email: "ada@example.com", first_name: "secret", user_id: "user_1" };

/** Events that are rejected, and where they are wrong. */
const WRONG: [type: string, data: object, place: string][] = [
  [
    "subscriptionItem.active",
    { payer: { ...PERSON, organization_id: "org_1" }, status: "active" },
    "data.payer: custom",
  ],
  [
    "subscription.updated",
    { payer: PERSON, items: [{ id: ["secret"], "ada@example.com": 1 }] },
    "data.items.0.id: expected string",
  ],
  [
    "organizationInvitation.created",
    { organization_id: "org_1", email_address: ["ada@example.com"], url: "secret" },
    "data.email_address: expected string",
  ],
];

for (const [type, data, place] of WRONG) {
  Deno.test(`neither log nor ledger hold a name or an address of a rejected ${type}`, async () => {
    const webhook = startWebhook();
    const event = { type, data: { id: "id_1", ...data } };
    assert.equal(await webhook.deliver({ event }), "422 rejected");
    assert.equal(webhook.calls.at(-1)?.args.p_error, place);
    assert.doesNotMatch(webhook.lines.join() + JSON.stringify(webhook.calls), /@|secret/);
  });
}

/** A log whose clock a test turns, and what came through it. */
function startFloodLog() {
  let ms = 0;
  const lines: (LogFields & { message: string })[] = [];
  const log = createFloodLog(
    (_level, message, fields) => lines.push({ message, ...fields }),
    () => ms,
  );
  const deliver = (times: number, fields: LogFields) => {
    for (let index = 0; index < times; index++) log("warn", "delivery", fields);
  };
  return { lines, wait: (forMs: number) => ms += forMs, deliver };
}

Deno.test("an address over its limit is one line a minute, and a number with the next one", () => {
  const { lines, wait, deliver } = startFloodLog();
  const limited = { status: 429, address_bucket: 7 };
  deliver(1000, limited);
  wait(60_000);
  deliver(1, { status: 200 });
  assert.deepEqual(lines, [
    { message: "delivery", ...limited },
    { message: "left_out", ...limited, count: 999 },
    { message: "delivery", status: 200 },
  ]);
});

Deno.test("a flood of addresses fills no more lines than the minute has, and counts the rest", () => {
  const { lines, wait, deliver } = startFloodLog();
  const requests = 20_000;
  for (let index = 0; index < requests; index++) {
    deliver(1, { status: 401 });
    deliver(1, { status: 429, address_bucket: index % 4096 });
  }
  assert.equal(lines.length, LINES_PER_MINUTE);

  wait(60_000);
  deliver(1, { status: 200 });
  const counts = lines.map(({ count }) => Number(count ?? 0));
  assert.equal(counts.reduce((sum, count) => sum + count), requests * 2 - LINES_PER_MINUTE);
  assert.ok(lines.length < LINES_PER_MINUTE * 2, `${lines.length} lines`);
});

Deno.test("what is signed is logged in the midst of a flood, and the next minute has its lines again", () => {
  const { lines, wait, deliver } = startFloodLog();
  deliver(LINES_PER_MINUTE + 1, { status: 401 });
  for (const status of [200, 422, 503]) deliver(1, { status });
  wait(60_000);
  deliver(1, { status: 401 });
  wait(60_000);
  deliver(1, { status: 200 });
  assert.deepEqual(lines.slice(LINES_PER_MINUTE), [
    ...[200, 422, 503].map((status) => ({ message: "delivery", status })),
    { message: "left_out", status: 401, address_bucket: undefined, count: 1 },
    { message: "delivery", status: 401 },
    { message: "delivery", status: 200 },
  ]);
});
