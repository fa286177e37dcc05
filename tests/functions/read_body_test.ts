import assert from "node:assert/strict";
import { readBody } from "../../supabase/functions/_clerk_sync/http/read_body.ts";
import { WEBHOOK_URL } from "./support/signed_request.ts";

const BYTES = new TextEncoder().encode("half a body");

function requestOf(body: BodyInit | null): Request {
  return new Request(WEBHOOK_URL, { method: "POST", body });
}

/** A body that sends one chunk and then nothing for 5 s; `cancel` is called when its reader wants no more. */
function stalled(cancel: () => void): ReadableStream<Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(BYTES);
      timer = setTimeout(() => controller.close(), 5_000);
    },
    cancel() {
      clearTimeout(timer);
      cancel();
    },
  });
}

Deno.test("a body is read as text", async () => {
  const result = await readBody(requestOf("Zoë"), { bytes: 4, ms: 1_000 });
  assert.deepEqual(result, { kind: "text", text: "Zoë" });
});

Deno.test("no body is an empty text", async () => {
  const result = await readBody(requestOf(null), { bytes: 10, ms: 1_000 });
  assert.deepEqual(result, { kind: "text", text: "" });
});

Deno.test("a body of more bytes than the limit is too large", async () => {
  const result = await readBody(requestOf("Zoë"), { bytes: 3, ms: 1_000 });
  assert.deepEqual(result, { kind: "too_large" });
});

Deno.test("a body that is too large is not read to its end", async () => {
  let cancelled = false;
  const body = stalled(() => cancelled = true);
  await readBody(requestOf(body), { bytes: 3, ms: 1_000 });
  assert.ok(cancelled);
});

Deno.test("a body that stalls is given up when its time is over, or when it is told to be", async () => {
  const gaveUp = new AbortController();
  const late = readBody(requestOf(stalled(() => {})), { bytes: 100, ms: 20 });
  const bounds = { bytes: 100, ms: 60_000, signal: gaveUp.signal };
  const told = readBody(requestOf(stalled(() => {})), bounds);
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
  await readBody(requestOf(body), { bytes: 100, ms: 1 });
  await new Promise((resume) => setTimeout(resume));
  assert.equal(cancelled, false);
  send();
  await new Promise((resume) => setTimeout(resume));
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
  const result = await readBody(requestOf(body), { bytes: 1_000_000, ms: 60_000 });
  assert.deepEqual(result, { kind: "text", text });
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
  await readBody(requestOf(body), { bytes: 1_000_000, ms: 30 });
  assert.ok(chunks < 100, `${chunks} chunks were read`);
});

Deno.test("a body that can't be cancelled does no harm", async () => {
  const body = stalled(() => {
    throw new Error("already gone");
  });
  await readBody(requestOf(body), { bytes: 3, ms: 1_000 });
  await new Promise((resume) => setTimeout(resume));
});
