import assert from "node:assert/strict";
import { readBody } from "../../supabase/functions/_clerk_sync/http/read_body.ts";
import { createReadingPlaces } from "../../supabase/functions/_clerk_sync/http/reading_places.ts";
import { createRateLimits } from "../../supabase/functions/clerk-webhook/rate_limits.ts";
import { BODY_LIMIT_BYTES, createReceive } from "../../supabase/functions/clerk-webhook/receive.ts";
import { createStats } from "../../supabase/functions/clerk-webhook/stats.ts";
import type { Verdict } from "../../supabase/functions/clerk-webhook/verify.ts";
import { fakeDatabase } from "../support/fake_database.ts";
import { type Difference, signedRequest, WEBHOOK_URL } from "../support/signed_request.ts";
import { deliver, startWebhook } from "../support/webhook.ts";

const BYTES = new TextEncoder().encode("half a body");
const EVENT = '{"type":"user.deleted","data":{"id":"user_1"}}';

function read(body: BodyInit | null, bytes: number, ms = 60_000, signal?: AbortSignal) {
  const request = new Request(WEBHOOK_URL, { method: "POST", body });
  return readBody(request, { bytes, ms, ...(signal && { signal }) });
}

const pause = () => new Promise((resume) => setTimeout(resume));

/** A body that sends one chunk and then nothing; `cancel` is called when its reader wants no more. */
function stalled(cancel: () => void = () => {}): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(BYTES), cancel });
}

Deno.test("a body is read as text, none as an empty one", async () => {
  assert.deepEqual(await read("Zoë", 4), { kind: "text", text: "Zoë" });
  assert.deepEqual(await read(null, 4), { kind: "text", text: "" });
});

Deno.test("a body of more bytes than the limit is too large, and is not read to its end", async () => {
  assert.deepEqual(await read("Zoë", 3), { kind: "too_large" });
  let cancelled = false;
  await read(stalled(() => cancelled = true), 3);
  assert.ok(cancelled);
});

Deno.test("a body that stalls is given up when its time is over, or when it is told to be", async () => {
  const gaveUp = new AbortController();
  const late = read(stalled(), 100, 20);
  const told = read(stalled(), 100, 60_000, gaveUp.signal);
  gaveUp.abort();
  assert.deepEqual(await Promise.all([late, told]), Array(2).fill({ kind: "unreadable" }));
});

Deno.test("a body is not cancelled while a piece of it is waited for, but once it came", async () => {
  let cancelled = false;
  let send = () => {};
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => send = () => controller.enqueue(BYTES),
    cancel: () => void (cancelled = true),
  });
  await read(body, 100, 1);
  await pause();
  assert.equal(cancelled, false);
  send();
  await pause();
  assert.equal(cancelled, true);
});

Deno.test("a stream of bytes is read whole, though its buffer is used again and grows", async () => {
  const text = Array.from({ length: 20_000 }, (_, index) => index).join();
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const view = controller.byobRequest!.view as Uint8Array;
      const piece = bytes.subarray(sent, sent + Math.min(view.byteLength, 1 + sent % 9_999));
      view.set(piece);
      sent += piece.byteLength;
      if (piece.byteLength === 0) controller.close();
      controller.byobRequest!.respond(piece.byteLength);
    },
  });
  assert.deepEqual(await read(body, 1_000_000), { kind: "text", text });
});

Deno.test("a body that trickles in is given up when its time is over", async () => {
  let chunks = 0;
  const body = new ReadableStream({
    async pull(controller) {
      await new Promise((resume) => setTimeout(resume, 10));
      if (chunks++ === 200) controller.close();
      else controller.enqueue(BYTES);
    },
  });
  await read(body, 1_000_000, 30);
  assert.ok(chunks < 100, `${chunks} chunks were read`);
});

Deno.test("a body that can't be cancelled does no harm", async () => {
  const body = stalled(() => {
    throw new Error("already gone");
  });
  await read(body, 3);
  await pause();
});

/** So many pieces of a tenth of the limit each, and how many were asked for. */
function pieces(count: number) {
  const pulled = { count: 0 };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled.count++ === count) controller.close();
      else controller.enqueue(new Uint8Array(BODY_LIMIT_BYTES / 10).fill(0x20));
    },
  });
  return { pulled, stream };
}

const TOO_LARGE: [what: string, difference: () => Difference][] = [
  ["of 400,001 bytes", () => ({ body: EVENT.padEnd(400_001) })],
  ["of fewer characters, but more bytes", () => ({
    body: JSON.stringify("é".repeat(BODY_LIMIT_BYTES / 2)),
  })],
  ["that streams", () => ({ sent: pieces(11).stream })],
  ["whose content-length is too small", () => ({
    sent: pieces(11).stream,
    headers: { "content-length": "2" },
  })],
];

for (const [what, difference] of TOO_LARGE) {
  Deno.test(`a body ${what} is answered 413, and the database never hears of it`, async () => {
    const { said, call } = await deliver(difference());
    assert.deepEqual([said, call.name], ["413 too_large", "none"]);
  });
}

Deno.test("the largest that Svix sends, 400,000 bytes, is applied", async () => {
  assert.equal((await deliver({ body: EVENT.padEnd(400_000) })).said, "200 applied");
});

Deno.test("a body that says it is too large is not read, a streamed one not much further", async () => {
  const request = signedRequest({ headers: { "content-length": String(BODY_LIMIT_BYTES + 1) } });
  assert.equal((await startWebhook().send(request)).said, "413 too_large");
  assert.equal(request.bodyUsed, false);
  const { pulled, stream } = pieces(1_000);
  await deliver({ sent: stream });
  assert.ok(pulled.count < 20, `${pulled.count} pieces were read`);
});

Deno.test("a content-length that is no number is not looked at", async () => {
  for (const length of ["", "many", "-1", "NaN"]) {
    assert.equal((await deliver({ headers: { "content-length": length } })).said, "200 applied");
  }
});

Deno.test("a character that is cut in two by the stream's chunks is read whole", async () => {
  const body = '{"type":"user.updated","data":{"id":"user_1","first_name":"Zoë 😀"}}';
  const sent = ReadableStream.from(
    [...new TextEncoder().encode(body)].map((byte) => new Uint8Array([byte])),
  );
  const { said, call } = await deliver({ body, sent });
  assert.deepEqual([said, call.args.p_full_name], ["200 applied", "Zoë 😀"]);
});

Deno.test("bytes that are not UTF-8 are refused, though signed as what they decode to", async () => {
  for (const bytes of [[0x22, 0xff, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xc3]]) {
    assert.equal((await deliver({ body: new Uint8Array(bytes) })).said, "401 invalid_signature");
  }
});

Deno.test("a body that breaks off is refused", async () => {
  const sent = new ReadableStream({
    start: (controller) => controller.enqueue(BYTES),
    pull: (controller) => controller.error(new Error("connection reset")),
  });
  assert.equal((await deliver({ sent })).said, "401 invalid_signature");
});

Deno.test("a body holds its places until it is known whether it is signed", async () => {
  const asked = Promise.withResolvers<void>();
  const verdict = Promise.withResolvers<Verdict>();
  const stats = createStats(1);
  const receive = createReceive({
    verify: () => {
      asked.resolve();
      return verdict.promise;
    },
    callRpc: fakeDatabase().callRpc,
    instanceId: null,
    limits: createRateLimits({ failuresPerMinute: 0, verifiedPerSecond: 0 }),
    stats,
    log: () => {},
  });
  const answer = receive(signedRequest());
  await asked.promise;
  assert.deepEqual(stats.inFlight, { reading: 1, applying: 0 });
  verdict.resolve({ kind: "verified", eventId: "msg_1", secret: 1 });
  assert.equal((await answer).status, 200);
  assert.deepEqual(stats.inFlight, { reading: 0, applying: 0 });
});

const PLACE_BYTES = 10_000;

/** Places, and a clock that stands still. */
function startPlaces(limit: number) {
  const clock = { ms: 0 };
  return { clock, take: createReadingPlaces(limit, PLACE_BYTES, () => clock.ms) };
}

/** Who has to go, by their order of arrival. */
function goneOf(places: { signal: AbortSignal }[]): number[] {
  return places.flatMap(({ signal }, index) => signal.aborted ? [index] : []);
}

Deno.test("when all places are taken, the longest reader of the address with most of them goes", () => {
  const { take } = startPlaces(3);
  assert.deepEqual(goneOf([take(1), take(2), take(2), take(3)]), [1]);
});

Deno.test("who has read least in its time goes, and not who came first", () => {
  const { take, clock } = startPlaces(3);
  const places = [take(1), take(2), take(3)];
  clock.ms = 1_000;
  places[0]!.hold(PLACE_BYTES);
  places[1]!.hold(10);
  places[2]!.hold(PLACE_BYTES);
  places.push(take(4));
  assert.deepEqual(goneOf(places), [1]);
});

Deno.test("a large body that arrives at once keeps its places among slow ones of many addresses", () => {
  const { take, clock } = startPlaces(150);
  const slow = Array.from({ length: 150 }, (_, address) => take(address));
  clock.ms = 1_000;
  for (const place of slow) place.hold(100);
  const signed = take(1_000);
  for (let read = 1; read <= 200; read++) {
    clock.ms += 1;
    signed.hold(read * 1_000);
    slow.push(take(1_000 + read));
  }
  assert.equal(signed.signal.aborted, false);
  assert.ok(goneOf(slow).length > 150, `${goneOf(slow).length} of ${slow.length}`);
});

Deno.test("who fills places fast from one address has to go before others who read more slowly", () => {
  const { take, clock } = startPlaces(20);
  const other = take(1);
  const many = Array.from({ length: 5 }, () => take(2));
  clock.ms = 10;
  other.hold(PLACE_BYTES / 2);
  for (const place of many) place.hold(4 * PLACE_BYTES);
  assert.equal(other.signal.aborted, false);
  assert.equal(goneOf(many).length, 1);
});

Deno.test("who read at once and then fell silent goes before who reads on", () => {
  const { take, clock } = startPlaces(8);
  const silent = take(1);
  silent.hold(4 * PLACE_BYTES);
  clock.ms = 2_000;
  const going = take(2);
  clock.ms = 2_010;
  going.hold(4 * PLACE_BYTES);
  assert.deepEqual(goneOf([silent, going, take(3)]), [0]);
});

Deno.test("who left, or had to go, holds nothing", () => {
  const { take } = startPlaces(2);
  const first = take(1);
  first.hold(2 * PLACE_BYTES);
  first.leave();
  first.hold(2 * PLACE_BYTES);
  const places = [take(1), take(2)];
  places[0]!.leave();
  places.push(take(3));
  assert.deepEqual(goneOf(places), []);
});
