/** Signed bodies that Clerk does not send, or that PostgreSQL can't store as they are. */
import assert from "node:assert/strict";
import { deliver, deliverUser, deliverUserJson } from "../support/webhook.ts";

const NOT_JSON = ["", " ", "{", "nonsense", '{"type":"user.created"', "\ufeff{}", "{'a':1}"];
const NO_OBJECT = ["null", "true", "1", '"user.created"', "[]", '[{"type":"user.created"}]'];

for (
  const [what, error, bodies] of [
    ["not JSON", "the body is not JSON", NOT_JSON],
    ["JSON but no object", "the body: expected object", NO_OBJECT],
  ] as const
) {
  Deno.test(`a signed body that is ${what} is rejected`, async () => {
    for (const body of bodies) {
      const { said, call: { args } } = await deliver({ body });
      const found = [said, args.p_outcome, args.p_error];
      assert.deepEqual(found, ["422 rejected", "rejected", error], body);
    }
  });
}

const SAID: [what: string, said: string, events: object[]][] = [
  [
    "a type that is missing, empty, overlong or no string",
    "422 rejected",
    [undefined, null, "", "t".repeat(256), 1, ["user.created"], {}]
      .map((type) => ({ type, data: { id: "user_1" } })),
  ],
  [
    "a type that is a name of every JavaScript object",
    "200 ignored",
    ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]
      .map((type) => ({ type, data: { id: "x" } })),
  ],
  [
    "a type in other letters",
    "200 ignored",
    ["User.Created", "user.created ", "USER.CREATED"].map((type) => ({ type, data: { id: "x" } })),
  ],
  [
    "a type that is not followed, whatever its data",
    "200 ignored",
    [undefined, null, "text", 1, [], {}, { id: 7 }]
      .map((data) => ({ type: "email.created", data })),
  ],
  [
    "a type of Billing's, of invitations or of roles that is not followed",
    "200 ignored",
    [
      ...["subscriptionItem.renamed", "subscription.ended", "organizationInvitation.expired"],
      ...["paymentAttempt.created", "paymentAttempt.updated", "sms.created", "role.created"],
      ...["role.updated", "role.deleted", "permission.created", "permission.updated"],
      ...["permission.deleted", "waitlistEntry.created", "waitlistEntry.updated"],
    ].map((type) => ({ type, data: { id: "x", payer: 7, items: 7 } })),
  ],
  [
    "data that is missing, null, no object or without an id",
    "422 rejected",
    [undefined, null, "user_1", 1, [], {}, { id: null }, { id: "" }, { id: 7 }]
      .map((data) => ({ type: "user.updated", data })),
  ],
];

for (const [what, expected, events] of SAID) {
  Deno.test(`${what} is answered ${expected}`, async () => {
    for (const event of events) {
      assert.equal((await deliver({ event })).said, expected, JSON.stringify(event));
    }
  });
}

const FIELDS: [what: string, said: string, fields: object[]][] = [
  ["an id of 255 characters", "200 applied", [{ id: "u".repeat(255) }]],
  [
    "an id that is longer, also one that is cut within an emoji, or nothing but U+0000",
    "422 rejected",
    [
      { id: "u".repeat(256) },
      { id: `${"u".repeat(254)}😀😀` },
      { id: "\0" },
    ],
  ],
  ["a field of another type, which is never converted,", "422 rejected", [
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
  ]],
];

for (const [what, expected, some] of FIELDS) {
  Deno.test(`${what} is answered ${expected}`, async () => {
    for (const fields of some) {
      assert.equal((await deliverUser(fields)).said, expected, JSON.stringify(fields));
    }
  });
}

Deno.test("what hangs on __proto__ is not taken for a field", async () => {
  const bodies = [
    '{"__proto__":{"type":"user.deleted"},"data":{"__proto__":{"id":"user_1"}}}',
    '{"type":"user.deleted","data":{"__proto__":{"id":"user_1"}}}',
  ];
  for (const body of bodies) assert.equal((await deliver({ body })).said, "422 rejected");
});

Deno.test("what is rejected keeps as much of its type and its id as can be read", async () => {
  const data = { id: "user_1\0" };
  const long = { id: "u".repeat(10_000) };
  const cases: [event: unknown, type: string | null, id: string | null][] = [
    [{ type: "t".repeat(256), data }, "t".repeat(255), "user_1"],
    [{ type: "", data }, null, "user_1"],
    [{ type: 7, data }, null, "user_1"],
    [{ data }, null, "user_1"],
    [{ type: "\0", data: null }, null, null],
    [{ type: "user.updated", data, timestamp: "now" }, "user.updated", "user_1"],
    [{ type: "user.updated", data, instance_id: 7 }, "user.updated", "user_1"],
    [{ type: "user.updated", data: { ...data, banned: 7 } }, "user.updated", "user_1"],
    [{ type: "user.updated", data: long }, "user.updated", "u".repeat(255)],
    [{ type: "user.updated" }, "user.updated", null],
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
  const [created, deleted] = ["organizationMembership.created", "organizationMembership.deleted"];
  const cases: [type: string, data: object, user: string | null, organization: string | null][] = [
    [created, { organization, public_user_data }, "user_1", "org_1"],
    [deleted, { organization: { id: 7 }, public_user_data }, "user_1", null],
    [created, { organization, public_user_data: "x" }, null, "org_1"],
    ["session.created", { id: "sess_1", user_id: "user_1", status: 7 }, "user_1", null],
    ["user.updated", { id: 7 }, null, null],
    ["subscriptionItem.active", { id: 7, payer: { organization_id: "org_1" } }, null, "org_1"],
    ["subscription.updated", { payer: { user_id: "user_1" }, items: 7 }, "user_1", null],
    ["subscription.updated", { payer: { user_id: "", organization_id: 7 } }, null, null],
    ["organizationInvitation.created", { organization_id: "org_1", role: 7 }, null, "org_1"],
    [
      "organizationInvitation.accepted",
      { organization_id: "org_1", user_id: "user_1" },
      "user_1",
      "org_1",
    ],
  ];
  for (const [type, data, user, org] of cases) {
    for (const timestamp of [undefined, "now"]) {
      const { said, call: { args } } = await deliver({ event: { type, data, timestamp } });
      assert.equal(said, "422 rejected", type);
      assert.deepEqual([args.p_user_external_id, args.p_organization_external_id], [user, org]);
    }
  }
});

Deno.test("times that are negative, fractions or beyond the year 9999 are rejected", async () => {
  const times = ["-1", "1.5", "1e300", "1e999", "253402300800000", "9007199254740993"];
  for (const time of times) {
    const inData = await deliverUserJson(`"updated_at":${time}`);
    const inEnvelope = `{"type":"user.updated","data":{"id":"user_1"},"timestamp":${time}}`;
    assert.equal(inData.said, "422 rejected", time);
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
  const organization = `{"id":"org_1","name":"A","public_metadata":${metadata}}`;
  const deliveries = [
    await deliverUserJson(`"public_metadata":${metadata}`),
    await deliver({ body: `{"type":"organization.updated","data":${organization}}` }),
  ];
  for (const { call } of deliveries) {
    assert.equal(JSON.stringify(call.args.p_public_metadata), metadata);
  }
});

/** What stands in a user's fields as JSON text, and what is stored of it. */
const STORED: [what: string, fields: string, stored: object][] = [
  [
    "U+0000 is left out of names and of metadata's keys and values",
    '"first_name":"A\\u0000da",' +
    '"public_metadata":{"k\\u0000ey":["v\\u0000alue",{"\\u0000":"\\u0000"}]}',
    { p_full_name: "Ada", p_public_metadata: { key: ["value", { "": "" }] } },
  ],
  [
    "half a surrogate pair becomes U+FFFD in names and in metadata, in capitals too",
    '"first_name":"\\ud83dAda\\uDE00","public_metadata":{"\\udc00":"\\uD800"}',
    { p_full_name: "\ufffdAda\ufffd", p_public_metadata: { "\ufffd": "\ufffd" } },
  ],
  [
    "a key that would be another one without U+0000 is not that one",
    '"banned\\u0000":true,"i\\u0000d":"user_2"',
    { p_banned: false, p_external_id: "user_1" },
  ],
  [
    "an emoji stays what it is, escaped or not, even beside U+0000",
    '"first_name":"😀","last_name":"\\ud83d\\ude00\\u0000"',
    { p_full_name: "😀 😀" },
  ],
  [
    "a backslash before u0000 is text like any other",
    '"first_name":"\\\\u0000"',
    { p_full_name: "\\u0000" },
  ],
];

for (const [what, fields, stored] of STORED) {
  Deno.test(what, async () => {
    const { said, call } = await deliverUserJson(fields);
    assert.equal(said, "200 applied");
    assert.deepEqual({ ...call.args, ...stored }, call.args);
  });
}

Deno.test("what is left out of metadata changes nothing else in it", async () => {
  const { call } = await deliverUserJson(
    '"public_metadata":{"__proto__":"\\u0000","a":[12345678901234567890,"\\\\u0000\\\\\\u0000"]}',
  );
  const stored = '{"__proto__":"","a":[12345678901234567890,"\\\\u0000\\\\"]}';
  assert.equal(JSON.stringify(call.args.p_public_metadata), stored);
});
