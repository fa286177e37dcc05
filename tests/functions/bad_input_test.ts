import assert from "node:assert/strict";
import { deliver, deliverUser, deliverUserJson } from "./support/deliver.ts";

for (const body of ["", " ", "{", "nonsense", '{"type":"user.created"', "\ufeff{}", "{'a':1}"]) {
  Deno.test(`a signed body that is not JSON is rejected: ${JSON.stringify(body)}`, async () => {
    const { said, call } = await deliver({ body });
    assert.equal(said, "422 rejected");
    assert.equal(call.args.p_outcome, "rejected");
    assert.equal(call.args.p_error, "the body is not JSON");
  });
}

for (const body of ["null", "true", "1", '"user.created"', "[]", '[{"type":"user.created"}]']) {
  Deno.test(`a signed body that is JSON but no object is rejected: ${body}`, async () => {
    const { said, call } = await deliver({ body });
    assert.equal(said, "422 rejected");
    assert.equal(call.args.p_error, "the body: expected object");
  });
}

Deno.test("a type that is missing, empty, overlong or no string is rejected", async () => {
  for (const type of [undefined, null, "", "t".repeat(256), 1, ["user.created"], {}]) {
    assert.equal((await deliver({ event: { type, data: { id: "user_1" } } })).said, "422 rejected");
  }
});

Deno.test("a type that is a name of every JavaScript object is ignored", async () => {
  for (const type of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]) {
    assert.equal((await deliver({ event: { type, data: { id: "x" } } })).said, "200 ignored", type);
  }
});

Deno.test("a type in other letters is another type", async () => {
  for (const type of ["User.Created", "user.created ", "USER.CREATED"]) {
    assert.equal((await deliver({ event: { type, data: { id: "x" } } })).said, "200 ignored", type);
  }
});

Deno.test("what hangs on __proto__ is not taken for a field", async () => {
  const body = '{"__proto__":{"type":"user.deleted"},"data":{"__proto__":{"id":"user_1"}}}';
  assert.equal((await deliver({ body })).said, "422 rejected");
  const inData = '{"type":"user.deleted","data":{"__proto__":{"id":"user_1"}}}';
  assert.equal((await deliver({ body: inData })).said, "422 rejected");
});

Deno.test("data that is null, no object or without an id is rejected under its own type", async () => {
  for (const data of [null, "user_1", 1, [], {}, { id: null }, { id: "" }, { id: 7 }]) {
    const { said, call } = await deliver({ event: { type: "user.updated", data } });
    assert.equal(said, "422 rejected", JSON.stringify(data));
    assert.equal(call.args.p_event_type, "user.updated");
  }
});

Deno.test("what is rejected keeps as much of its type and its id as can be read", async () => {
  const data = { id: "user_1\0" };
  const cases: [event: unknown, type: string | null, id: string | null][] = [
    [{ type: "t".repeat(256), data }, "t".repeat(255), "user_1"],
    [{ type: "", data }, null, "user_1"],
    [{ type: 7, data }, null, "user_1"],
    [{ data }, null, "user_1"],
    [{ type: "\0", data: null }, null, null],
    [{ type: "user.updated", data, timestamp: "now" }, "user.updated", "user_1"],
    [{ type: "user.updated", data, instance_id: 7 }, "user.updated", "user_1"],
    [{ type: "user.updated", data: { ...data, banned: 7 } }, "user.updated", "user_1"],
    [7, null, null],
  ];
  for (const [event, type, id] of cases) {
    const { said, call } = await deliver({ event });
    assert.equal(said, "422 rejected", JSON.stringify(event));
    assert.deepEqual([call.args.p_event_type, call.args.p_object_id], [type, id]);
  }
});

Deno.test("what is rejected keeps the user and the organization that it names", async () => {
  const organization = { id: "org_1" };
  const public_user_data = { user_id: "user_1" };
  const cases: [type: string, data: object, user: string | null, organization: string | null][] = [
    ["organizationMembership.created", { organization, public_user_data }, "user_1", "org_1"],
    [
      "organizationMembership.deleted",
      { organization: { id: 7 }, public_user_data },
      "user_1",
      null,
    ],
    ["organizationMembership.created", { organization, public_user_data: "x" }, null, "org_1"],
    ["session.created", { id: "sess_1", user_id: "user_1", status: 7 }, "user_1", null],
    ["user.updated", { id: 7 }, null, null],
  ];
  for (const [type, data, user, org] of cases) {
    for (const timestamp of [undefined, "now"]) {
      const { said, call: { args } } = await deliver({ event: { type, data, timestamp } });
      assert.equal(said, "422 rejected", type);
      assert.deepEqual([args.p_user_external_id, args.p_organization_external_id], [user, org]);
    }
  }
});

Deno.test("an event without data is rejected under its own type", async () => {
  const { said, call } = await deliver({ event: { type: "user.updated" } });
  assert.equal(said, "422 rejected");
  assert.equal(call.args.p_event_type, "user.updated");
});

Deno.test("a type that is not followed is ignored, whatever its data", async () => {
  for (const data of [undefined, null, "text", 1, [], {}, { id: 7 }]) {
    const { said } = await deliver({ event: { type: "email.created", data } });
    assert.equal(said, "200 ignored", JSON.stringify(data));
  }
});

Deno.test("an id of 255 characters is applied, a longer one rejected", async () => {
  assert.equal((await deliverUser({ id: "u".repeat(255) })).said, "200 applied");
  assert.equal((await deliverUser({ id: "u".repeat(256) })).said, "422 rejected");
});

Deno.test("an overlong id is recorded in its first 255 characters", async () => {
  const { call } = await deliverUser({ id: "u".repeat(10_000) });
  assert.equal(call.args.p_object_id, "u".repeat(255));
});

Deno.test("an overlong id that is cut within an emoji is recorded all the same", async () => {
  assert.equal((await deliverUser({ id: `${"u".repeat(254)}😀😀` })).said, "422 rejected");
});

Deno.test("fields of another type are rejected, and never converted", async () => {
  const fields = [
    { first_name: 1 },
    { banned: "true" },
    { banned: 1 },
    { email_addresses: {} },
    { email_addresses: [null] },
    { email_addresses: [{ id: "idn_1" }] },
    { public_metadata: [] },
    { public_metadata: "{}" },
    { created_at: "1772442000608" },
    { updated_at: "2026-03-02T09:00:00Z" },
    { updated_at: true },
  ];
  for (const field of fields) {
    assert.equal((await deliverUser(field)).said, "422 rejected", JSON.stringify(field));
  }
});

Deno.test("times that are negative, fractions or beyond the year 9999 are rejected", async () => {
  const times = ["-1", "1.5", "1e300", "1e999", "253402300800000", "9007199254740993"];
  for (const time of times) {
    const inData = `{"type":"user.updated","data":{"id":"user_1","updated_at":${time}}}`;
    const inEnvelope = `{"type":"user.updated","data":{"id":"user_1"},"timestamp":${time}}`;
    assert.equal((await deliver({ body: inData })).said, "422 rejected", time);
    assert.equal((await deliver({ body: inEnvelope })).said, "422 rejected", time);
  }
});

Deno.test("the first and the last time that have an ISO form are applied", async () => {
  const { said, call } = await deliverUser({ created_at: 0, updated_at: 253_402_300_799_999 });
  assert.equal(said, "200 applied");
  assert.equal(call.args.p_created_at, "1970-01-01T00:00:00.000Z");
  assert.equal(call.args.p_updated_at, "9999-12-31T23:59:59.999Z");
});

Deno.test("public metadata is passed on as it came: numbers by their digits, and every key", async () => {
  const metadata = '{"a":1e+308,"b":1e999,"c":-1e900,"d":123456789012345678901234567890,' +
    '"__proto__":{"e":0.12345678901234567890},"constructor":[9007199254740993]}';
  const { said, call } = await deliverUserJson(`"public_metadata":${metadata}`);
  assert.equal(said, "200 applied");
  assert.equal(JSON.stringify(call.args.p_public_metadata), metadata);
  const organization = `{"id":"org_1","name":"A","public_metadata":${metadata}}`;
  const { call: { args } } = await deliver({
    body: `{"type":"organization.updated","data":${organization}}`,
  });
  assert.equal(JSON.stringify(args.p_public_metadata), metadata);
});
