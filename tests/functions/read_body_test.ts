import assert from "node:assert/strict";
import { readBody } from "../../supabase/functions/_shared/http/read_body.ts";
import { WEBHOOK_URL } from "./support/signed_request.ts";

const BYTES = new TextEncoder().encode("half a body");

function requestOf(body: BodyInit | null): Request {
  return new Request(WEBHOOK_URL, { method: "POST", body });
}

/** A body that sends one chunk and then nothing for 5 s; `cancel` is called when its reader gives up. */
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

Deno.test("a body that stalls is given up when its time is over", async () => {
  let cancelled = false;
  await readBody(requestOf(stalled(() => cancelled = true)), { bytes: 100, ms: 20 });
  assert.ok(cancelled);
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

Deno.test("a slow body that can't be cancelled does no harm", async () => {
  const body = stalled(() => {
    throw new Error("already gone");
  });
  await readBody(requestOf(body), { bytes: 100, ms: 1 });
  await new Promise((resume) => setTimeout(resume));
});
