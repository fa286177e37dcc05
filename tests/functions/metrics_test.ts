import assert from "node:assert/strict";
import { createHandler } from "../../supabase/functions/clerk-webhook/handler.ts";
import { toText } from "../../supabase/functions/clerk-webhook/metrics_text.ts";
import { syncMetrics, TYPE_LIMIT } from "../../supabase/functions/clerk-webhook/sync_metrics.ts";
import { FOLLOWED, replyOf, SECRET_KEY, startWebhook } from "../support/webhook.ts";
import {
  type FakeDatabase,
  fakeDatabase,
  syncStatus,
  syncTotals,
} from "../support/fake_database.ts";
import { OTHER_SECRET, SECRET, signedRequest, WEBHOOK_URL } from "../support/signed_request.ts";

const METRICS_URL = `${WEBHOOK_URL}/metrics`;

/** A database that tells of the sync, and applies what it is told. */
function telling(): FakeDatabase {
  return fakeDatabase(({ name }) => {
    if (name === "sync_status") return { kind: "done", answer: syncStatus() };
    if (name === "sync_metrics") return { kind: "done", answer: syncTotals() };
    return { kind: "done", answer: "applied" };
  });
}

function scrape(headers: HeadersInit = { apikey: SECRET_KEY }): Request {
  return new Request(METRICS_URL, { headers });
}

Deno.test("the secret key opens the metrics, as apikey and as Bearer token", async () => {
  const webhook = startWebhook({ database: telling() });
  for (const headers of [{ apikey: SECRET_KEY }, { authorization: `Bearer ${SECRET_KEY}` }]) {
    const reply = await webhook.send(scrape(headers));
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.match(String(reply.body), /^clerk_sync_database_up 1$/m);
  }
});

Deno.test("any other key is answered 401 invalid_key, and the database never hears of it", async () => {
  const webhook = startWebhook({ database: telling() });
  const keys: Record<string, string>[] = [
    {},
    { apikey: "" },
    { apikey: `${SECRET_KEY}x` },
    { apikey: SECRET_KEY.slice(0, -1) },
    { authorization: SECRET_KEY },
    { authorization: `Basic ${SECRET_KEY}` },
    { apikey: "sb_publishable_x", authorization: `Bearer ${SECRET_KEY}` },
  ];
  for (const headers of keys) {
    const { status, body } = await webhook.send(scrape(headers));
    assert.deepEqual({ status, body }, { status: 401, body: { error: "invalid_key" } });
  }
  assert.deepEqual(webhook.calls, []);
});

Deno.test("wrong keys of an address are limited, and the right one passes all the same", async () => {
  const webhook = startWebhook({ database: telling(), limits: { failuresPerMinute: 1 } });
  assert.equal((await webhook.send(scrape({ apikey: "no" }))).status, 401);
  const { status, headers } = await webhook.send(scrape({ apikey: "no" }));
  assert.equal(status, 429);
  assert.match(headers.get("retry-after") ?? "", /^\d+$/);
  assert.equal((await webhook.send(scrape())).status, 200);
});

Deno.test("metrics are for GET, and 500 misconfigured without a configuration", async () => {
  const webhook = startWebhook({ database: telling() });
  const posted = new Request(METRICS_URL, { method: "POST", headers: { apikey: SECRET_KEY } });
  assert.equal((await webhook.send(posted)).status, 405);
  const { status, body } = await replyOf(await createHandler(null, () => {})(scrape()));
  assert.deepEqual({ status, body }, { status: 500, body: { error: "misconfigured" } });
});

Deno.test("while the database is down the process still tells of itself", async () => {
  const webhook = startWebhook({
    database: fakeDatabase(() => ({ kind: "failed", code: "unreachable" })),
  });
  const { status, body } = await webhook.send(scrape());
  assert.equal(status, 200);
  assert.match(String(body), /^clerk_sync_database_up 0$/m);
  assert.match(String(body), /^clerk_webhook_verifications_total\{outcome="refused"\} 0$/m);
  assert.doesNotMatch(String(body), /clerk_sync_events_total/);
});

Deno.test("the process counts answers, verifications, limits and which secret matched", async () => {
  const webhook = startWebhook({
    database: telling(),
    secrets: [OTHER_SECRET, SECRET],
    limits: { failuresPerMinute: 1 },
  });
  for (let round = 0; round < 3; round++) await webhook.send(signedRequest({ event: FOLLOWED }));
  for (let round = 0; round < 2; round++) {
    await webhook.send(signedRequest({ headers: { "svix-signature": "v1,bm8=" } }));
  }
  const lines = String((await webhook.send(scrape())).body).split("\n");
  for (
    const line of [
      'clerk_webhook_requests_total{status="200"} 3',
      'clerk_webhook_requests_total{status="401"} 1',
      'clerk_webhook_requests_total{status="429"} 1',
      'clerk_webhook_verifications_total{outcome="verified"} 3',
      'clerk_webhook_verifications_total{outcome="refused"} 2',
      'clerk_webhook_secret_matched_total{secret="1"} 0',
      'clerk_webhook_secret_matched_total{secret="2"} 3',
      'clerk_webhook_rate_limited_total{limit="failures"} 1',
      'clerk_webhook_calls_total{kind="alone"} 3',
      'clerk_webhook_calls_total{kind="page"} 0',
      'clerk_webhook_called_deliveries_total{kind="alone"} 3',
      'clerk_webhook_in_flight_requests{phase="reading"} 0',
      'clerk_webhook_in_flight_requests{phase="applying"} 0',
    ]
  ) assert.ok(lines.includes(line), line);
});

Deno.test("deliveries that went together are counted as a page", async () => {
  const webhook = startWebhook({ database: telling() });
  await Promise.all(
    ["msg_1", "msg_2", "msg_3"].map((id) => webhook.send(signedRequest({ id, event: FOLLOWED }))),
  );
  const { body } = await webhook.send(scrape());
  for (
    const line of [
      'clerk_webhook_calls_total{kind="alone"} 1',
      'clerk_webhook_calls_total{kind="page"} 1',
      'clerk_webhook_called_deliveries_total{kind="alone"} 1',
      'clerk_webhook_called_deliveries_total{kind="page"} 2',
    ]
  ) assert.ok(String(body).split("\n").includes(line), line);
});

Deno.test("the process tells how many events it refused that look like Svix's", async () => {
  const webhook = startWebhook({ database: telling() });
  for (const id of ["msg_1", "msg_2", "msg_2"]) {
    await webhook.send(signedRequest({ id, secret: OTHER_SECRET }));
  }
  await webhook.send(signedRequest({ headers: { "svix-signature": "v1,bm8=" } }));
  assert.match(String((await webhook.send(scrape())).body), /^clerk_webhook_refused_events 2$/m);
});

Deno.test("a line feed, a quotation mark and a backslash in a label stay within it", () => {
  const type = 'a"} 1\nforged{x="\\';
  const text = toText(
    syncMetrics(syncStatus(), syncTotals({ events: { [type]: { applied: 1 } } })),
  );
  const forged = String
    .raw`clerk_sync_events_total{type="a\"} 1\nforged{x=\"\\",outcome="applied"} 1`;
  assert.ok(text.split("\n").includes(forged));
});

Deno.test("a label holds no control character, whatever an event's type is", () => {
  const controls = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at)]
    .map((code) => String.fromCharCode(code)).join("");
  const events = { [`a${controls}z`]: { applied: 1 } };
  const text = toText(syncMetrics(syncStatus(), syncTotals({ events })));
  assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}/u);
  assert.ok(text.includes(String.raw`\\u001b`) && text.includes(String.raw`\\u009b`));
});

Deno.test("histograms are cumulative, in seconds, and have every bound each time", () => {
  const text = toText(syncMetrics(syncStatus(), syncTotals()));
  const of = (name: string) => text.split("\n").filter((line) => line.startsWith(name));
  const buckets = of("clerk_sync_delay_seconds_bucket").map((line) => line.split(" ")[1]);
  assert.deepEqual(buckets, ["0", "0", ...Array(15).fill("1"), "2"]);
  assert.ok(text.includes('clerk_sync_delay_seconds_bucket{le="0.0025"} 0\n'));
  assert.ok(text.includes('clerk_sync_delay_seconds_bucket{le="+Inf"} 2\n'));
  assert.deepEqual(of("clerk_sync_delay_seconds_sum"), ["clerk_sync_delay_seconds_sum 4000.003"]);
  assert.deepEqual(of("clerk_sync_delay_seconds_count"), ["clerk_sync_delay_seconds_count 2"]);
  assert.equal(of("clerk_sync_apply_seconds_bucket").length, buckets.length);
});

Deno.test("more types than Clerk has share one name", () => {
  const events = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, index) => [`made.up.${index}`, { applied: 1 }]),
  );
  const totals = syncTotals({ events: { ...events, "user.created": { applied: 2 } } });
  const lines = toText(syncMetrics(syncStatus(), totals)).split("\n")
    .filter((line) => line.startsWith("clerk_sync_events_total"));
  assert.equal(lines.length, TYPE_LIMIT + 1);
  assert.ok(lines.includes('clerk_sync_events_total{type="user.created",outcome="applied"} 2'));
  assert.ok(lines.includes('clerk_sync_events_total{type="other",outcome="applied"} 4901'));
});

Deno.test("what never was has no time", () => {
  const text = toText(syncMetrics(
    syncStatus({ last_drift_check: { finished_at: "2026-03-02T09:00:00Z" } }),
    syncTotals(),
  ));
  assert.match(text, /^clerk_sync_last_run_timestamp_seconds\{kind="drift"\} 1772442000$/m);
  assert.doesNotMatch(text, /kind="backfill"|outcome="stale"/);
});

Deno.test("no metric holds any part of a secret or a key", async () => {
  const webhook = startWebhook({ database: telling() });
  await webhook.send(signedRequest({ event: FOLLOWED }));
  const text = String((await webhook.send(scrape())).body);
  for (const secret of [SECRET.slice(6), SECRET_KEY]) assert.ok(!text.includes(secret.slice(0, 8)));
});
