import assert from "node:assert/strict";
import { createRateLimit } from "../../supabase/functions/_clerk_sync/http/rate_limit.ts";
import { bucketOf, BUCKETS } from "../../supabase/functions/clerk-webhook/rate_limits.ts";
import { IN_FLIGHT_LIMIT, READING_LIMIT } from "../../supabase/functions/clerk-webhook/receive.ts";
import { FOLLOWED, startWebhook } from "../support/webhook.ts";
import { OTHER_SECRET, SECRET, signedRequest, WEBHOOK_URL } from "../support/signed_request.ts";

/** A request that is not signed, from an address. */
function unsigned(address: string): Request {
  return signedRequest({ secret: OTHER_SECRET, headers: { "cf-connecting-ip": address } });
}

/** A request of the same address that is. */
function signed(address: string): Request {
  return signedRequest({ event: FOLLOWED, headers: { "cf-connecting-ip": address } });
}

Deno.test("an address that fails too often is answered 429 with Retry-After, another one 401", async () => {
  const webhook = startWebhook({ limits: { failuresPerMinute: 2 } });
  assert.equal((await webhook.send(unsigned("192.0.2.1"))).status, 401);
  assert.equal((await webhook.send(unsigned("192.0.2.1"))).status, 401);
  const { said, headers } = await webhook.send(unsigned("192.0.2.1"));
  assert.equal(said, "429 too_many_requests");
  const seconds = Number(headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 60, String(seconds));
  assert.equal((await webhook.send(unsigned("192.0.2.2"))).status, 401);
  assert.deepEqual(webhook.calls, []);
});

Deno.test("what is signed passes from an address that is over its limit, each time", async () => {
  const webhook = startWebhook({ limits: { failuresPerMinute: 1 } });
  for (let round = 0; round < 20; round++) {
    const { status } = await webhook.send(unsigned("192.0.2.1"));
    assert.equal(status, round === 0 ? 401 : 429);
    assert.equal((await webhook.send(signed("192.0.2.1"))).status, 200);
  }
  assert.equal(webhook.calls.length, 20);
});

Deno.test("a limit of 0 is none", async () => {
  const webhook = startWebhook({ limits: { failuresPerMinute: 0, verifiedPerSecond: 0 } });
  for (let round = 0; round < 300; round++) {
    assert.equal((await webhook.send(unsigned("192.0.2.1"))).status, 401);
    assert.equal((await webhook.send(signed("192.0.2.1"))).status, 200);
  }
});

Deno.test("more verified deliveries than allowed in a second are turned away, to come again", async () => {
  const webhook = startWebhook({ limits: { verifiedPerSecond: 3 }, logLevel: "error" });
  const replies = [];
  for (let round = 0; round < 4; round++) replies.push(await webhook.send(signed("192.0.2.1")));
  assert.deepEqual(replies.map(({ status }) => status), [200, 200, 200, 429]);
  assert.equal(replies[3]?.headers.get("retry-after"), "1");
  assert.equal(webhook.calls.length, 3);
});

Deno.test("a count is over when its time is, whatever was counted meanwhile", () => {
  const clock = { ms: 0 };
  const limit = createRateLimit(1, 60, () => clock.ms);
  const at = (ms: number, key: string) => {
    clock.ms = ms;
    return limit(key);
  };
  assert.equal(at(0, "a"), null);
  assert.equal(at(500, "a"), 60);
  assert.equal(at(30_000, "b"), null);
  assert.equal(at(59_999, "a"), 1);
  assert.equal(at(60_000, "a"), null);
  assert.equal(at(60_001, "a"), 60);
  assert.equal(at(60_002, "b"), 30);
});

Deno.test("what can't be signed is answered without waiting for its body", async () => {
  const webhook = startWebhook();
  const body = new ReadableStream({ pull: () => new Promise(() => {}) });
  const request = new Request(WEBHOOK_URL, { method: "POST", body });
  assert.equal((await webhook.send(request)).status, 401);
  assert.equal(request.bodyUsed, false);
});

/** A request whose headers look signed, and whose body sends nothing until it ends. */
function slow(address: string, end: Promise<void>): Request {
  return signedRequest({
    sent: new ReadableStream({ pull: (controller) => end.then(() => controller.close()) }),
    headers: { "cf-connecting-ip": address },
  });
}

for (const address of ["192.0.2.1", "192.0.2.2"]) {
  const whose = address === "192.0.2.1" ? "the same address" : "another address";
  Deno.test(`more slow senders than there are places don't keep a signed delivery of ${whose} out`, async () => {
    const webhook = startWebhook({ logLevel: "error" });
    const { promise: end, resolve: letEnd } = Promise.withResolvers<void>();
    const send = () => webhook.send(slow("192.0.2.1", end));
    const held = Array.from({ length: READING_LIMIT + IN_FLIGHT_LIMIT }, send);
    for (let round = 0; round < 10; round++) {
      assert.equal((await webhook.send(signed(address))).status, 200);
    }
    letEnd();
    const ends = await Promise.all(held);
    const displaced = ends.filter(({ status }) => status === 429).length;
    assert.ok(displaced >= IN_FLIGHT_LIMIT && displaced < ends.length, `${displaced} displaced`);
    assert.equal(ends.filter(({ status }) => status === 401).length, ends.length - displaced);
  });
}

Deno.test("who holds most places makes room, not who came first", async () => {
  const webhook = startWebhook({ logLevel: "error" });
  const { promise: end, resolve: letEnd } = Promise.withResolvers<void>();
  const body = JSON.stringify(FOLLOWED);
  const { readable: sent, writable } = new TextEncoderStream();
  const headers = { "cf-connecting-ip": "192.0.2.9" };
  const patient = webhook.send(signedRequest({ body, sent, headers }));
  const send = () => webhook.send(slow("192.0.2.1", end));
  const slowOnes = Array.from({ length: READING_LIMIT * 2 }, send);
  await new Promise((resume) => setTimeout(resume));
  await new Response(body).body!.pipeThrough(new TextDecoderStream()).pipeTo(writable);
  assert.equal((await patient).status, 200);
  letEnd();
  await Promise.all(slowOnes);
});

Deno.test("the client's address is Cloudflare's word, else the nearest proxy's", () => {
  const of = (headers: Record<string, string>) => bucketOf(new Headers(headers));
  const here = of({ "cf-connecting-ip": "192.0.2.1" });
  assert.equal(of({ "cf-connecting-ip": "192.0.2.1", "x-forwarded-for": "192.0.2.7" }), here);
  assert.equal(of({ "x-forwarded-for": "192.0.2.7, 192.0.2.1" }), here);
  assert.equal(of({ "x-forwarded-for": "192.0.2.1" }), here);
  assert.notEqual(of({ "x-forwarded-for": "192.0.2.1, 192.0.2.7" }), here);
});

Deno.test("addresses spread over all buckets, and over no more", () => {
  const seen = new Set<number>();
  for (let index = 0; index < 100_000; index++) {
    const address = `10.${index >> 16}.${index >> 8}.${index}`;
    seen.add(bucketOf(new Headers({ "cf-connecting-ip": address })));
  }
  assert.equal(seen.size, BUCKETS);
  assert.ok([...seen].every((bucket) => Number.isInteger(bucket) && bucket >= 0));
});

Deno.test("no line tells a secret or an address", async () => {
  const webhook = startWebhook({ limits: { failuresPerMinute: 1 } });
  for (let round = 0; round < 3; round++) await webhook.send(unsigned("192.0.2.1"));
  for (const text of ["192.0.2.1", SECRET, OTHER_SECRET]) {
    assert.ok(!webhook.lines.join().includes(text));
  }
});
