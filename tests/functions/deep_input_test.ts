import fc from "fast-check";
import assert from "node:assert/strict";
import { SAMPLES, type SampleType } from "../../scripts/simulate/samples.ts";
import { deliver, deliverUser, deliverUserJson } from "../support/webhook.ts";

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

/** A value of one text within many levels of objects or lists, with something beside it on each. */
const DEEP = fc.record({
  levels: fc.oneof(fc.nat(500), fc.nat(5_000), fc.nat(40_000)),
  isList: fc.boolean(),
  beside: fc.constantFrom("", "1e400,", '"\\ud83d\\ude00",', '[{"":"\\u0000"}],'),
  innermost: fc.constantFrom(
    '"\\ud83d\\ude00"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\\\u0000"',
    "-1.50e-7",
    "[]",
  ),
}).map(({ levels, isList, beside, innermost }) => {
  const [before, after] = isList ? [`[${beside}`, "]"] : [beside && `{"b":${beside}"a":`, "}"];
  return (before || '{"a":').repeat(Math.min(levels, 380_000 / (before.length + 6))) + innermost +
    after.repeat(Math.min(levels, 380_000 / (before.length + 6)));
});

/** Where others than the app may write, or nobody reads. */
const PLACES = ["unsafe_metadata", "private_metadata", "anything"];

const EVENTS: [type: SampleType, data: object][] = [
  ["user.created", {}],
  ["user.updated", {}],
  ["user.updated", { banned: true }],
  ["user.updated", { deprovisioned: true }],
  ["user.deleted", {}],
  ["organization.updated", {}],
  ["organization.deleted", {}],
  ["organizationMembership.created", {}],
  ["organizationMembership.deleted", {}],
  ["session.created", {}],
  ["session.ended", {}],
  ["subscriptionItem.active", {}],
  ["subscriptionItem.ended", {}],
  ["subscription.updated", {}],
  ["organizationInvitation.created", {}],
];

for (const [type, changes] of EVENTS) {
  const data = { ...SAMPLES[type].data, ...changes };
  const name = [type, ...Object.keys(changes)].join(" ");

  Deno.test(`${name} is applied, however deep and odd is what is not read of it`, async () => {
    const plain = await deliver({ event: { ...SAMPLES[type], data } });
    const deep = fc.tuple(DEEP, fc.constantFrom(...PLACES), fc.boolean());
    await fc.assert(
      fc.asyncProperty(deep, async ([json, place, isInData]) => {
        const body = JSON.stringify({
          ...SAMPLES[type],
          data: { ...data, ...isInData && { [place]: "DEEP" } },
          ...!isInData && { event_attributes: "DEEP" },
        }).replace('"DEEP"', () => json);
        const { said, call } = await deliver({ body });
        assert.equal(said, "200 applied");
        assert.deepEqual(call, plain.call);
      }),
      { numRuns: 20 },
    );
  });
}

Deno.test("metadata that is too deep does not keep a ban away", async () => {
  for (const levels of [501, 3_400, 60_000]) {
    const { said, call } = await deliverUserJson(
      `"banned":true,"first_name":"Ada","public_metadata":${nested(levels, '"\\ud83d\\ude00"')}`,
    );
    assert.equal(said, "200 applied");
    assert.equal(call.args.p_banned, true);
    assert.equal(call.args.p_full_name, "Ada");
  }
});
