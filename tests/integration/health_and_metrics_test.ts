import assert from "node:assert/strict";
import { stackEnv } from "../support/stack_env.ts";
import { databaseTest as test, deliver, deliverBody, newStory, said } from "../support/stack.ts";

const RULES = new URL("../../scripts/monitoring/clerk-sync.rules.yml", import.meta.url);

const SAMPLE = /^([a-z_]+(?:\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})?) (\S+)$/;

/** The answer of a page beside the webhook. */
async function ask(page: "health" | "metrics", headers: HeadersInit = {}) {
  const response = await fetch(`${stackEnv().WEBHOOK_URL}/${page}`, { headers });
  return { status: response.status, text: await response.text() };
}

/** The metrics, as a monitor gets them. Fails when a line is none of Prometheus's text form. */
async function scrape(): Promise<Map<string, number>> {
  const authorization = `Bearer ${stackEnv().SECRET_KEY}`;
  const { status, text } = await ask("metrics", { authorization });
  assert.equal(status, 200, text);
  assert.ok(text.endsWith("\n"));
  const samples = new Map<string, number>();
  for (const line of text.trimEnd().split("\n")) {
    if (/^# (HELP|TYPE) [a-z_]+ \S/.test(line)) continue;
    const [, sample = "", value = ""] = SAMPLE.exec(line) ?? [];
    assert.ok(sample && !Number.isNaN(Number(value)), line);
    assert.ok(!samples.has(sample), line);
    samples.set(sample, Number(value));
  }
  return samples;
}

test("health of the running stack is a word that the ledger accounts for", async (sql) => {
  // Else what other tests had refused might be all that there was.
  await deliver(newStory()("user.created"));
  const { status, text } = await ask("health");
  const [row] =
    await sql`select count(*)::int as failed from clerk_sync.events where outcome = 'failed'`;
  assert.equal(`${status} ${text}`, row?.failed === 0 ? "200 ok" : "503 failing");
});

test("a delivery shows in the metrics: its type, its delay and the secret that signed it", async () => {
  const before = await scrape();
  // What is fresh for five seconds is old then.
  await new Promise((resume) => setTimeout(resume, 5_100));
  const deliveredAt = Math.floor(Date.now() / 1000);
  assert.equal(said(await deliver(newStory()("user.created"))), "200 applied");
  assert.equal(said(await deliverBody('{"type":"made.up\\"\\nby \\\\me"}')), "200 ignored");
  const after = await scrape();

  const grown = (sample: string) => (after.get(sample) ?? 0) - (before.get(sample) ?? 0);
  assert.equal(after.get("clerk_sync_database_up"), 1);
  assert.ok(grown('clerk_sync_events_total{type="user.created",outcome="applied"}') >= 1);
  const madeUp = String.raw`clerk_sync_events_total{type="made.up\"\nby \\me",outcome="ignored"}`;
  assert.ok(after.has(madeUp));
  for (const measure of ["delay", "apply"]) {
    assert.ok(grown(`clerk_sync_${measure}_seconds_count`) >= 1, measure);
    assert.equal(
      after.get(`clerk_sync_${measure}_seconds_bucket{le="+Inf"}`),
      after.get(`clerk_sync_${measure}_seconds_count`),
    );
  }
  assert.ok(grown('clerk_webhook_secret_matched_total{secret="1"}') >= 2);
  const appliedAt = after.get('clerk_sync_last_event_timestamp_seconds{outcome="applied"}') ?? 0;
  assert.ok(appliedAt >= deliveredAt && appliedAt <= Date.now() / 1000 + 1, `${appliedAt}`);
});

test("the metrics' bounds are those of the database", async (sql) => {
  const [row] = await sql`select clerk_sync.bounds_ms() as bounds`;
  const bounds = (row?.bounds as number[]).slice(1)
    .map((ms) => ms === Infinity ? "+Inf" : String(ms / 1000));
  const told = [...(await scrape()).keys()]
    .map((sample) => /clerk_sync_apply_seconds_bucket\{le="(.*)"\}/.exec(sample)?.[1])
    .filter((bound) => bound !== undefined);
  assert.deepEqual(told, bounds);
});

Deno.test("every metric and label that the example alerts name is told", async () => {
  const rules = await Deno.readTextFile(RULES);
  const expressions = [...rules.matchAll(/^ {8}expr: (?:>-\n((?: {10}.*\n)+)|(.*)\n)/gm)]
    .map(([, folded, line]) => folded ?? line ?? "");
  assert.equal(expressions.length, rules.match(/- alert: /g)?.length);

  const text = (await ask("metrics", { apikey: stackEnv().SECRET_KEY })).text;
  const told = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  for (const expression of expressions) {
    const named = [...expression.matchAll(/(clerk_\w+)\{(\w+)[!=~]+"/g)];
    const names = [...expression.matchAll(/clerk_\w+/g)].map(([name]) => name);
    assert.ok(names.length > 0, expression);
    for (const name of names) assert.ok(told.has(name.replace(/_bucket$/, "")), name);
    for (const [, name, label] of named) {
      if (label === "kind") continue; // There was no drift check yet, and no backfill.
      assert.ok(text.includes(`\n${name}{`) && text.includes(`${label}="`), `${name} ${label}`);
    }
  }
});

Deno.test("every word of the status page that is no good news has an alert", async () => {
  const labels = (await Deno.readTextFile(RULES)).matchAll(/labels: \{ .*word: (\w+) \}/g);
  const words = new Set([...labels].map(([, word]) => word));
  assert.deepEqual([...words].sort(), ["failing", "refused", "rejected", "silent", "unreachable"]);
});
