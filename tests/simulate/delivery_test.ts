import assert from "node:assert/strict";
import { type Answer, said, send, signDelivery } from "../../scripts/simulate/delivery.ts";
import { type Respond, SECRET, startReceiver } from "./receiver.ts";

const AT = new Date("2026-03-02T09:00:00.900Z");
const sign = (at: Date) => signDelivery({ id: "msg_1", body: "{}", secret: SECRET, at });

Deno.test("a delivery's timestamp is the attempt's time in whole seconds", () => {
  assert.equal(sign(AT).headers["svix-timestamp"], "1772442000");
});

Deno.test("a second attempt has another signature for the same id and body", () => {
  const [first, second] = [sign(AT), sign(new Date(AT.getTime() + 5000))];
  assert.equal(second.headers["svix-id"], first.headers["svix-id"]);
  assert.notEqual(second.headers["svix-signature"], first.headers["svix-signature"]);
});

Deno.test("a malformed secret is refused", () => {
  assert.throws(() => signDelivery({ id: "msg_1", body: "{}", secret: "whsec_no base64", at: AT }));
});

Deno.test("svix accepts the signature", async () => {
  await using receiver = startReceiver();
  assert.equal(said(await send(sign(new Date()), { url: receiver.url })), "200 applied");
  assert.equal(receiver.received[0]?.headers.get("content-type"), "application/json");
});

const late: Respond = async () => {
  await new Promise((resolve) => setTimeout(resolve, 200));
  return new Response();
};
const stream = (source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>>): Respond => () =>
  new Response(new ReadableStream(source));
const chunk = new Uint8Array(16_384);

const ANSWERS: [what: string, respond: Respond, expected: string, timeoutMs?: number][] = [
  ...["outcome", "error", "code"].map((key): [string, Respond, string] => [
    `the word of {${key}} is handed on`,
    () => Response.json({ [key]: "some_word" }),
    "200 some_word",
  ]),
  ...["", "<html>", "null", '{"outcome":"two words"}', '{"outcome":"\\u001b[2J"}', '{"code":401}']
    .map((body): [string, Respond, string] => [
      `there is no fixed word in '${body}'`,
      () => new Response(body),
      "200 null",
    ]),
  [
    "an endless answer is not read to its end",
    stream({ pull: (controller) => controller.enqueue(chunk) }),
    "200 null",
  ],
  [
    "a redirect is not followed",
    () => new Response(null, { status: 307, headers: { location: "/elsewhere" } }),
    "307 null",
  ],
  ["an answer that takes too long is a timeout", late, "timeout", 50],
  [
    "an answer whose body stalls is a timeout",
    stream({ start: (controller) => controller.enqueue(chunk) }),
    "timeout",
    50,
  ],
];
for (const [what, respond, expected, timeoutMs = 5_000] of ANSWERS) {
  Deno.test(what, async () => {
    await using receiver = startReceiver(respond);
    assert.equal(said(await send(sign(new Date()), { url: receiver.url, timeoutMs })), expected);
    assert.equal(receiver.received.length, 1);
  });
}

Deno.test("the caller can give a delivery up", async () => {
  await using receiver = startReceiver(late);
  const answer: Answer = await send(sign(new Date()), {
    url: receiver.url,
    signal: AbortSignal.abort(),
  });
  assert.equal(said(answer), "interrupted");
});

Deno.test("a connection closed without an answer is told apart", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept().then(async (connection) => {
    await connection.read(new Uint8Array(1024));
    connection.close();
  });
  const url = `http://127.0.0.1:${listener.addr.port}/`;
  assert.equal(said(await send(sign(new Date()), { url })), "connection_closed");
  await accepted;
});
