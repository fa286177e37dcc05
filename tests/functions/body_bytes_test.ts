import assert from "node:assert/strict";
import { BODY_LIMIT_BYTES } from "../../supabase/functions/clerk-webhook/receive.ts";
import { deliver } from "./support/deliver.ts";
import { signedRequest } from "./support/signed_request.ts";
import { startWebhook } from "./support/webhook.ts";

function streamOf(chunk: Uint8Array<ArrayBuffer>, times: number): ReadableStream<Uint8Array> {
  return ReadableStream.from(Array.from({ length: times }, () => chunk));
}

Deno.test("the largest that Svix sends is applied, a body over 400,000 bytes is too large", async () => {
  const body = '{"type":"user.deleted","data":{"id":"user_1"}}'.padEnd(400_000);
  assert.equal((await deliver({ body })).said, "200 applied");
  assert.equal((await deliver({ body: `${body} ` })).said, "413 too_large");
});

Deno.test("the limit counts bytes and not characters", async () => {
  const body = JSON.stringify("é".repeat(BODY_LIMIT_BYTES / 2));
  assert.equal((await deliver({ body })).said, "413 too_large");
});

Deno.test("a body that says it is too large is not read", async () => {
  const request = signedRequest({ headers: { "content-length": String(BODY_LIMIT_BYTES + 1) } });
  const { status } = await startWebhook().send(request);
  assert.equal(status, 413);
  assert.equal(request.bodyUsed, false);
});

Deno.test("a streamed body is cut off where it becomes too large", async () => {
  let pulled = 0;
  const sent = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(BODY_LIMIT_BYTES / 10).fill(0x20));
    },
  });
  assert.equal((await deliver({ sent })).said, "413 too_large");
  assert.ok(pulled < 20, `${pulled} chunks were read`);
});

Deno.test("a content-length that is too small does not lift the limit", async () => {
  const sent = streamOf(new Uint8Array(BODY_LIMIT_BYTES / 10).fill(0x20), 11);
  const headers = { "content-length": "2" };
  assert.equal((await deliver({ sent, headers })).said, "413 too_large");
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
  assert.equal(said, "200 applied");
  assert.equal(call.args.p_full_name, "Zoë 😀");
});

Deno.test("bytes that are not UTF-8 are refused, though signed as what they decode to", async () => {
  for (const bytes of [[0x22, 0xff, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xc3]]) {
    assert.equal((await deliver({ body: new Uint8Array(bytes) })).said, "401 invalid_signature");
  }
});

Deno.test("a body that breaks off is refused", async () => {
  const sent = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"type":'));
    },
    pull(controller) {
      controller.error(new Error("connection reset"));
    },
  });
  assert.equal((await deliver({ sent })).said, "401 invalid_signature");
});
