import assert from "node:assert/strict";
import { OTHER_SECRET, signedRequest } from "./support/signed_request.ts";
import { startWebhook } from "./support/webhook.ts";

/** The right value of `svix-signature` for a request that is otherwise the same. */
function signatureOf(request: Request): string {
  return request.headers.get("svix-signature") ?? "";
}

const AT = new Date();
const RIGHT = signatureOf(signedRequest({ at: AT }));
const WRONG = signatureOf(signedRequest({ at: AT, secret: OTHER_SECRET }));

/** The answer's status, and the event ids that the database was told. */
async function deliver(request: Request) {
  const webhook = startWebhook();
  const { status } = await webhook.send(request);
  return { status, ids: webhook.calls.map(({ args }) => args.p_event_id) };
}

function withSignature(signature: string): Request {
  return signedRequest({ at: AT, headers: { "svix-signature": signature } });
}

Deno.test("a delivery with svix- headers is applied under its svix-id", async () => {
  assert.deepEqual(await deliver(signedRequest({ id: "msg_7" })), { status: 200, ids: ["msg_7"] });
});

Deno.test("a delivery with webhook- headers is applied under its webhook-id", async () => {
  const request = signedRequest({ id: "msg_7", prefix: "webhook" });
  assert.deepEqual(await deliver(request), { status: 200, ids: ["msg_7"] });
});

Deno.test("an unsigned webhook-id beside the svix- headers changes nothing", async () => {
  const request = signedRequest({ id: "msg_7", headers: { "webhook-id": "msg_forged" } });
  assert.deepEqual(await deliver(request), { status: 200, ids: ["msg_7"] });
});

Deno.test("a delivery with webhook- headers can't be given another id by a svix-id", async () => {
  const request = signedRequest({ prefix: "webhook", headers: { "svix-id": "msg_forged" } });
  assert.deepEqual(await deliver(request), { status: 401, ids: [] });
});

Deno.test("one right signature among several is enough, wherever it stands", async () => {
  for (const list of [[RIGHT, WRONG], [WRONG, RIGHT], [WRONG, WRONG, RIGHT]]) {
    assert.equal((await deliver(withSignature(list.join(" ")))).status, 200);
  }
});

Deno.test("several wrong signatures make no right one", async () => {
  assert.equal((await deliver(withSignature(`${WRONG} ${WRONG}`))).status, 401);
});

Deno.test("a right signature on a header line of its own is found", async () => {
  const request = withSignature(WRONG);
  request.headers.append("svix-signature", RIGHT);
  assert.equal((await deliver(request)).status, 200);
});

Deno.test("signatures of other versions are not looked at", async () => {
  for (const version of ["v1a", "v2", "v0", "V1", ""]) {
    const other = RIGHT.replace("v1", version);
    assert.equal((await deliver(withSignature(other))).status, 401, version);
    assert.equal((await deliver(withSignature(`${other} ${RIGHT}`))).status, 200, version);
  }
});

Deno.test("a signature header that is no list of signatures is refused", async () => {
  for (const signature of ["v1", "v1,", ",", "v1,v1", RIGHT.slice(3), RIGHT.slice(0, -4)]) {
    assert.equal((await deliver(withSignature(signature))).status, 401, signature);
  }
});

Deno.test("another body under the same signature is refused", async () => {
  const request = signedRequest({ sent: '{"type":"user.deleted","data":{"id":"user_1"}}' });
  assert.deepEqual(await deliver(request), { status: 401, ids: [] });
});

Deno.test("the same JSON in other bytes is refused", async () => {
  const body = '{"type":"email.created","data":{}}';
  assert.equal((await deliver(signedRequest({ body, sent: body }))).status, 200);
  assert.equal((await deliver(signedRequest({ body, sent: `${body}\n` }))).status, 401);
  assert.equal((await deliver(signedRequest({ body, sent: `\ufeff${body}` }))).status, 401);
});
