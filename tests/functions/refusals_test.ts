/** Deliveries that look like Svix's and are signed otherwise: health tells of them, and no stranger decides it for ever. */
import assert from "node:assert/strict";
import type { HealthStatus } from "../../supabase/functions/_clerk_sync/health.ts";
import {
  createCheckHealth,
  REFUSED_AT_MOST_MS,
} from "../../supabase/functions/clerk-webhook/check_health.ts";
import { createRefusals, REFUSALS_KEPT } from "../../supabase/functions/clerk-webhook/stats.ts";
import { FOLLOWED, startWebhook, type WebhookOptions } from "../support/webhook.ts";
import { fakeDatabase, syncStatus } from "../support/fake_database.ts";
import {
  type Difference,
  OTHER_SECRET,
  signedRequest,
  WEBHOOK_URL,
} from "../support/signed_request.ts";

const NEVER = { applied: null, stale: null, ignored: null, rejected: null, failed: null };
const MINUTE_MS = 60_000;

/** The function before a ledger that holds what the function has entered. */
function start(options: WebhookOptions = {}) {
  const last: HealthStatus["last"] = { ...NEVER };
  const database = fakeDatabase(({ name, args }) => {
    if (name === "sync_status") return { kind: "done", answer: syncStatus({ last }) };
    const outcome = name === "record_event" ? args.p_outcome as keyof typeof NEVER : "applied";
    last[outcome] = new Date().toISOString();
    return { kind: "done", answer: "applied" };
  });
  const webhook = startWebhook({ database, ...options });
  return {
    deliver: async (difference: Difference, times = 1) => {
      for (let index = 0; index < times; index++) {
        await webhook.send(signedRequest({ event: FOLLOWED, id: `msg_${index}`, ...difference }));
      }
    },
    health: async () => {
      const { status, body } = await webhook.send(new Request(`${WEBHOOK_URL}/health`));
      return `${status} ${body}`;
    },
    lines: webhook.lines,
  };
}

Deno.test("ten of ten deliveries with another secret's signature are 503 refused", async () => {
  const { deliver, health, lines } = start();
  await deliver({ secret: OTHER_SECRET }, 10);
  assert.equal(await health(), "503 refused");
  assert.match(lines.join("\n"), /"message":"health","word":"refused","reason":"Deliveries arrive/);
});

Deno.test("webhook-* headers are Svix's as well", async () => {
  const { deliver, health } = start();
  await deliver({ secret: OTHER_SECRET, prefix: "webhook" }, 3);
  assert.equal(await health(), "503 refused");
});

Deno.test("one of eleven that is verified and entered makes health ok", async () => {
  const { deliver, health } = start();
  await deliver({ secret: OTHER_SECRET }, 10);
  await deliver({ id: "msg_right" });
  assert.equal(await health(), "200 ok");
});

Deno.test("so does one that is signed rightly and rejected for its body", async () => {
  const { deliver, health } = start();
  await deliver({ secret: OTHER_SECRET }, 10);
  await deliver({ id: "msg_right", body: "[]" });
  assert.equal(await health(), "200 ok");
});

Deno.test("one of a type that is ignored does not: it may be the doctor's own", async () => {
  const { deliver, health } = start();
  await deliver({ secret: OTHER_SECRET }, 10);
  await deliver({ id: "msg_doctor_ping", event: { type: "doctor.ping", data: {} } });
  assert.equal(await health(), "503 refused");
});

Deno.test("two events, however often they are tried, are not enough", async () => {
  const { deliver, health } = start();
  for (let attempt = 0; attempt < 8; attempt++) await deliver({ secret: OTHER_SECRET }, 2);
  assert.equal(await health(), "200 ok");
});

const LONG_AGO = new Date(Date.now() - 10 * MINUTE_MS);
const MALFORMED: [what: string, difference: Difference][] = [
  ["no signature", { headers: { "svix-signature": null } }],
  ["a signature that is too short", { headers: { "svix-signature": "v1,bm8=" } }],
  ["a signature of another version", { headers: { "svix-signature": `v1a,${"A".repeat(43)}=` } }],
  ["no id", { headers: { "svix-id": null } }],
  ["a timestamp of long ago", { secret: OTHER_SECRET, at: LONG_AGO }],
  ["no timestamp", { secret: OTHER_SECRET, headers: { "svix-timestamp": null } }],
  ["a body that is no text", { secret: OTHER_SECRET, sent: new Uint8Array([0xff, 0xfe]) }],
];

for (const [what, difference] of MALFORMED) {
  Deno.test(`a flood of deliveries with ${what} leaves health ok`, async () => {
    const { deliver, health } = start();
    await deliver(difference, 200);
    assert.equal(await health(), "200 ok");
  });
}

Deno.test("ids longer than any of Svix's are nothing", async () => {
  const { deliver, health } = start();
  const id = (index: number) => "x".repeat(256 + index);
  for (let index = 0; index < 10; index++) await deliver({ secret: OTHER_SECRET, id: id(index) });
  assert.equal(await health(), "200 ok");
});

Deno.test("where no number of refused events is wanted, health is ok", async () => {
  const { deliver, health } = start({ refusedAfterEvents: null });
  await deliver({ secret: OTHER_SECRET }, 10);
  assert.equal(await health(), "200 ok");
});

/** A check whose clock and ledger a test turns, and a stranger who sends what is well-formed. */
function startCheck(silentAfterHours: number | null = null) {
  let ms = Date.parse("2026-11-24T12:00:00Z");
  let sent = 0;
  let last: HealthStatus["last"] = { ...NEVER };
  let failed = 0;
  const refusals = createRefusals(() => ms);
  const check = createCheckHealth({
    callRpc: () => {
      const open = { failed, rejected: 0, oldest_at: null };
      return Promise.resolve({ kind: "done", answer: syncStatus({ last, open }) });
    },
    silentAfterHours,
    refusedAfterEvents: 3,
    stats: { refusals },
    log: () => {},
    now: () => ms,
  });
  return {
    refusals,
    flood: (events: number) => {
      const { headers } = signedRequest({ secret: OTHER_SECRET });
      for (let index = 0; index < events; index++) {
        headers.set("svix-id", `msg_stranger_${sent++}`);
        refusals.note(headers);
      }
    },
    enter: () => last = { ...last, applied: new Date(ms).toISOString() },
    fail: () => failed++,
    wordIn: async (forMs: number) => {
      ms += forMs;
      return await check();
    },
  };
}

Deno.test("a flood takes no more memory than a hundred ids", () => {
  const { refusals, flood } = startCheck();
  flood(50_000);
  assert.equal(refusals.count(), REFUSALS_KEPT);
});

Deno.test("a quarter of an hour after the last refusal health is ok again, by itself", async () => {
  const { flood, wordIn } = startCheck();
  flood(1_000);
  assert.equal(await wordIn(0), "refused");
  assert.equal(await wordIn(15 * MINUTE_MS), "refused");
  assert.equal(await wordIn(MINUTE_MS), "ok");
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
  for (let ms = 0; ms < REFUSED_AT_MOST_MS; ms += STEP_MS) {
    flood(10);
    assert.equal(await wordIn(ms === 0 ? 0 : STEP_MS), "refused");
  }
  for (let step = 0; step < 200; step++) {
    flood(10);
    assert.equal(await wordIn(STEP_MS), "ok");
  }
  enter();
  assert.equal(await wordIn(STEP_MS), "ok");
  flood(10);
  assert.equal(await wordIn(15 * MINUTE_MS), "refused", "after an event it may be said anew");
});

Deno.test("a stranger hides neither a failure nor, for long, silence", async () => {
  const { flood, enter, fail, wordIn } = startCheck(1);
  enter();
  await wordIn(2 * 3_600_000);
  flood(10);
  assert.equal(await wordIn(5_000), "refused");
  for (let hour = 0; hour < 6; hour++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      flood(10);
      await wordIn(15 * MINUTE_MS);
    }
  }
  assert.equal(await wordIn(5_000), "silent");
  fail();
  assert.equal(await wordIn(5_000), "failing");
});
