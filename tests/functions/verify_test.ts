import assert from "node:assert/strict";
import { createVerify } from "../../supabase/functions/clerk-webhook/verify.ts";
import { atTime } from "./support/clock.ts";
import { type Difference, OTHER_SECRET, SECRET, signedRequest } from "./support/signed_request.ts";

const NOW = new Date("2026-03-02T09:00:00.900Z");
const BODY = '{"type":"user.created"}';

/** The verdict on a delivery of BODY that arrives at NOW. */
function verdictOn(difference: Difference, body = BODY, secrets = [SECRET]) {
  const { headers } = signedRequest({ body: BODY, at: NOW, ...difference });
  return atTime(NOW, () => createVerify(secrets)(headers, body));
}

function secondsFromNow(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000);
}

Deno.test("what is signed with the secret is verified, under its svix-id", () => {
  assert.deepEqual(verdictOn({ id: "msg_7" }), {
    kind: "verified",
    eventId: "msg_7",
    secret: 1,
  });
});

Deno.test("what is signed with another secret is refused", () => {
  assert.equal(verdictOn({ secret: OTHER_SECRET }).kind, "refused");
});

Deno.test("the body, the id and the timestamp are each covered by the signature", () => {
  assert.equal(verdictOn({}, `${BODY} `).kind, "refused");
  assert.equal(verdictOn({ headers: { "svix-id": "msg_2" } }).kind, "refused");
  const later = String(Math.floor(NOW.getTime() / 1000) + 1);
  assert.equal(verdictOn({ headers: { "svix-timestamp": later } }).kind, "refused");
});

for (const name of ["svix-id", "svix-timestamp", "svix-signature"]) {
  Deno.test(`a delivery without ${name} is refused`, () => {
    assert.equal(verdictOn({ headers: { [name]: null } }).kind, "refused");
    assert.equal(verdictOn({ headers: { [name]: "" } }).kind, "refused");
  });
}

Deno.test("a signature is good for 299 s before and after its timestamp", () => {
  assert.equal(verdictOn({ at: secondsFromNow(-299) }).kind, "verified");
  assert.equal(verdictOn({ at: secondsFromNow(299) }).kind, "verified");
});

Deno.test("a signature is refused 301 s before and after its timestamp", () => {
  assert.equal(verdictOn({ at: secondsFromNow(-301) }).kind, "refused");
  assert.equal(verdictOn({ at: secondsFromNow(301) }).kind, "refused");
});

Deno.test("a timestamp that is no number is refused", () => {
  for (const timestamp of ["soon", "NaN", "-", "Infinity", NOW.toISOString()]) {
    assert.equal(
      verdictOn({ headers: { "svix-timestamp": timestamp } }).kind,
      "refused",
      timestamp,
    );
  }
});

Deno.test("any one of several secrets will do", () => {
  for (const secrets of [[SECRET, OTHER_SECRET], [OTHER_SECRET, SECRET]]) {
    assert.equal(verdictOn({}, BODY, secrets).kind, "verified");
  }
  assert.equal(verdictOn({}, BODY, [OTHER_SECRET, OTHER_SECRET]).kind, "refused");
});

Deno.test("without a secret everything is refused", () => {
  assert.equal(verdictOn({}, BODY, []).kind, "refused");
});

Deno.test("a secret that is empty, only whsec_ or not base64 makes no verifier", () => {
  for (const secret of ["", "whsec_", "whsec_no base64", "whsec_****"]) {
    assert.throws(() => createVerify([secret]), Error, secret);
    assert.throws(() => createVerify([SECRET, secret]), Error, secret);
  }
});

Deno.test("an id of 255 characters is verified, a longer one refused", () => {
  assert.equal(verdictOn({ id: "m".repeat(255) }).kind, "verified");
  assert.equal(verdictOn({ id: "m".repeat(256) }).kind, "refused");
});

Deno.test("whether a body is JSON is not the signature's business", () => {
  for (const body of ["", "{", "\ufeff{}", "🜲"]) {
    assert.equal(verdictOn({ body }, body).kind, "verified", body);
  }
});

Deno.test("a refusal's reason quotes neither secret nor signature nor body", () => {
  const signature = "v1,c2lnbmF0dXJl";
  const verdict = verdictOn({ headers: { "svix-signature": signature } });
  const reason = verdict.kind === "refused" ? verdict.reason : "";
  assert.match(reason, /^[\w ]+$/);
  for (const secret of [SECRET, signature, BODY]) assert.ok(!reason.includes(secret));
});

Deno.test("errors have stacks after a refusal as before it", () => {
  assert.equal(verdictOn({ secret: OTHER_SECRET }).kind, "refused");
  assert.match(new Error().stack ?? "", /verify_test/);
});
