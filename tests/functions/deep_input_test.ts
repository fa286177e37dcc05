import assert from "node:assert/strict";
import { deliver, deliverUser, deliverUserJson } from "./support/deliver.ts";

/** JSON of `levels` objects, one in the other. */
function nested(levels: number, innermost = "1"): string {
  return '{"a":'.repeat(levels) + innermost + "}".repeat(levels);
}

/** Delivers a user.updated with this metadata, given as JSON text. */
function deliverMetadata(json: string) {
  return deliverUserJson(`"public_metadata":${json}`);
}

Deno.test("names of 10,000 characters are applied whole", async () => {
  const name = "n".repeat(10_000);
  const { said, call } = await deliverUser({ first_name: name, last_name: name });
  assert.equal(said, "200 applied");
  assert.equal(call.args.p_full_name, `${name} ${name}`);
});

Deno.test("metadata of 500 levels is applied", async () => {
  const { said, call } = await deliverMetadata(nested(500));
  assert.equal(said, "200 applied");
  assert.equal(JSON.stringify(call.args.p_public_metadata), nested(500));
});

for (const levels of [501, 1_000, 60_000]) {
  Deno.test(`metadata of ${levels} levels is rejected`, async () => {
    assert.equal((await deliverMetadata(nested(levels))).said, "422 rejected");
    assert.equal((await deliverMetadata(nested(levels, '"\\u0000"'))).said, "422 rejected");
    assert.equal((await deliverMetadata(`{"a":[${nested(levels)}]}`)).said, "422 rejected");
  });
}

Deno.test("depth outside the metadata does no harm", async () => {
  const deep = nested(60_000);
  const bodies = [
    `{"type":"user.updated","data":{"id":"user_1","private_metadata":${deep}}}`,
    `{"type":"user.updated","data":{"id":"user_1"},"event_attributes":${deep}}`,
    `{"type":"organization.updated","data":{"id":"org_1","name":"A","x":${deep}}}`,
  ];
  for (const body of bodies) assert.equal((await deliver({ body })).said, "200 applied");
  assert.equal((await deliver({ body: deep })).said, "422 rejected");
  assert.equal((await deliver({ body: "[".repeat(390_000) })).said, "422 rejected");
});
