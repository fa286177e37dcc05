import assert from "node:assert/strict";
import { createVerify, whyUnsigned } from "../../supabase/functions/clerk-webhook/verify.ts";
import { atTime } from "./support/clock.ts";
import { type Difference, SECRET, signedRequest } from "./support/signed_request.ts";

const NOW = new Date("2026-03-02T09:00:00.900Z");
const BODY = "{}";

function at(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000);
}

/** Headers at the edges of what svix takes. */
const DIFFERENCES: Difference[] = [
  {},
  { prefix: "webhook" },
  { at: at(-300) },
  { at: at(300) },
  { at: at(-301) },
  { at: at(301) },
  { headers: { "svix-id": null } },
  { headers: { "svix-id": "" } },
  { headers: { "svix-timestamp": "" } },
  { headers: { "svix-timestamp": "soon" } },
  { headers: { "svix-signature": "" } },
  { headers: { "svix-signature": "v1" } },
  { headers: { "svix-signature": "v2,bm8=" } },
  { headers: { "svix-signature": "xv1,bm8=" } },
  { headers: { "svix-id": null, "webhook-id": "msg_1" } },
];

Deno.test("the look at the headers refuses nothing that the verification would accept", () => {
  const verify = createVerify([SECRET]);
  for (const difference of DIFFERENCES) {
    const { headers } = signedRequest({ body: BODY, at: NOW, ...difference });
    const verdict = atTime(NOW, () => verify(headers, BODY));
    const unsigned = atTime(NOW, () => whyUnsigned(headers));
    assert.equal(unsigned === null, verdict.kind === "verified", JSON.stringify(difference));
    if (verdict.kind === "refused") assert.equal(unsigned, verdict.reason);
  }
});

Deno.test("a right signature among those of other versions is not overlooked", () => {
  const { headers } = signedRequest({ body: BODY, at: NOW });
  headers.set("svix-signature", `v2,bm8= v1a,bm8= ${headers.get("svix-signature")}`);
  assert.equal(atTime(NOW, () => whyUnsigned(headers)), null);
});
