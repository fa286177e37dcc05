import assert from "node:assert/strict";
import { send, signDelivery } from "../../scripts/simulate/delivery.ts";
import { SECRET, startReceiver } from "./receiver.ts";

const AT = new Date("2026-03-02T09:00:00.900Z");

function delivery(body: string | Uint8Array<ArrayBuffer> = "{}") {
  return signDelivery({ id: "msg_1", body, secret: SECRET, at: new Date() });
}

Deno.test("a delivery's timestamp is the attempt's time in whole seconds", () => {
  const { headers } = signDelivery({ id: "msg_1", body: "{}", secret: SECRET, at: AT });
  assert.equal(headers["svix-timestamp"], "1772442000");
});

Deno.test("a second attempt has another signature for the same id and body", () => {
  const first = signDelivery({ id: "msg_1", body: "{}", secret: SECRET, at: AT });
  const later = new Date(AT.getTime() + 5000);
  const second = signDelivery({ id: "msg_1", body: "{}", secret: SECRET, at: later });
  assert.equal(second.headers["svix-id"], first.headers["svix-id"]);
  assert.notEqual(second.headers["svix-signature"], first.headers["svix-signature"]);
});

Deno.test("a malformed secret is refused", () => {
  assert.throws(() => signDelivery({ id: "msg_1", body: "{}", secret: "whsec_no base64", at: AT }));
});

Deno.test("svix accepts the signature", async () => {
  await using receiver = startReceiver();
  const answer = await send(delivery('{"type":"user.created"}'), { url: receiver.url });
  assert.equal(answer.kind === "answered" && answer.status, 200);
  assert.equal(receiver.received[0]?.headers.get("content-type"), "application/json");
});

Deno.test("the word of {outcome}, {error} and the gateway's {code} is handed on", async () => {
  for (const key of ["outcome", "error", "code"]) {
    await using receiver = startReceiver(() => Response.json({ [key]: "some_word" }));
    const answer = await send(delivery(), { url: receiver.url });
    assert.equal(answer.kind === "answered" && answer.word, "some_word", key);
  }
});

Deno.test("an answer without a fixed word has none", async () => {
  const bodies = [
    "",
    "<html>",
    "null",
    '{"outcome":"two words"}',
    '{"outcome":"\\u001b[2J"}',
    '{"code":401}',
  ];
  for (const body of bodies) {
    await using receiver = startReceiver(() => new Response(body));
    const answer = await send(delivery(), { url: receiver.url });
    assert.equal(answer.kind === "answered" && answer.word, null, body);
  }
});

Deno.test("an endless answer is not read to its end", async () => {
  await using receiver = startReceiver(() =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(16_384)) }),
    )
  );
  const answer = await send(delivery(), { url: receiver.url, timeoutMs: 5000 });
  assert.equal(answer.kind, "answered");
});

Deno.test("a redirect is not followed", async () => {
  await using receiver = startReceiver(() =>
    new Response(null, { status: 307, headers: { location: "/elsewhere" } })
  );
  const answer = await send(delivery(), { url: receiver.url });
  assert.equal(answer.kind === "answered" && answer.status, 307);
  assert.equal(receiver.received.length, 1);
});

Deno.test("an answer that takes too long is a timeout", async () => {
  await using receiver = startReceiver(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return new Response();
  });
  const answer = await send(delivery(), { url: receiver.url, timeoutMs: 50 });
  assert.equal(answer.kind === "unanswered" && answer.reason, "timeout");
});

Deno.test("an answer whose body stalls is a timeout", async () => {
  await using receiver = startReceiver(() =>
    new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) }),
    )
  );
  const answer = await send(delivery(), { url: receiver.url, timeoutMs: 50 });
  assert.equal(answer.kind === "unanswered" && answer.reason, "timeout");
});

Deno.test("the caller can give a delivery up", async () => {
  await using receiver = startReceiver(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return new Response();
  });
  const signal = AbortSignal.abort();
  const answer = await send(delivery(), { url: receiver.url, signal });
  assert.equal(answer.kind === "unanswered" && answer.reason, "interrupted");
});

Deno.test("a connection closed without an answer is told apart", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept().then(async (connection) => {
    await connection.read(new Uint8Array(1024));
    connection.close();
  });
  const answer = await send(delivery(), { url: `http://127.0.0.1:${listener.addr.port}/` });
  assert.equal(answer.kind === "unanswered" && answer.reason, "connection_closed");
  await accepted;
});
