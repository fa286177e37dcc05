/** What each field of an event becomes: the arguments of the RPC that the event asks for. */
import assert from "node:assert/strict";
import { parseEvent } from "../../supabase/functions/clerk-webhook/parse_event.ts";
import { route } from "../../supabase/functions/clerk-webhook/route.ts";

/** The arguments of the RPC that an event with this data asks for. Fails when it asks for none. */
function argsOf(type: string, data: unknown): Record<string, unknown> {
  const routed = route(type, data);
  if (routed.kind !== "apply") assert.fail(JSON.stringify(routed));
  return { ...routed.call.args };
}

/** Fields of an event, and arguments that they become. */
type Row = [fields: object, args: object];
/** What the rows show, the event's type, and what its data holds beside the fields. */
type Subject = [what: string, type: string, rows: Row[]];

const BASE: Record<string, object> = {
  user: { id: "user_1" },
  organization: { id: "org_1", name: "Analytical Engines" },
  organizationMembership: { id: "orgmem_1", role: "org:member", organization: { id: "org_1" } },
  session: { id: "sess_1", user_id: "user_1" },
};

const NONE = [undefined, null];
const ADDRESSES = [
  { id: "idn_1", email_address: "first@example.com" },
  { id: "idn_2", email_address: "second@example.com" },
  { id: null, email_address: "third@example.com" },
  { email_address: "fourth@example.com" },
];
const person = (fields: object) => ({ public_user_data: { user_id: "user_1", ...fields } });
const OLD = "https://img.example.com/old";
const NEW = "https://img.example.com/new";
const METADATA = { plan: ["pro", { seats: 3 }], none: null };

const SUBJECTS: Subject[] = [
  ["the email is the one that primary_email_address_id names, not the first", "user.updated", [
    [{ email_addresses: ADDRESSES, primary_email_address_id: "idn_2" }, {
      p_email: "second@example.com",
    }],
  ]],
  ["addresses of which none is the primary one leave the email empty", "user.updated", [
    ...[null, undefined, "", "idn_3"].map((primary): Row => [
      { email_addresses: ADDRESSES, primary_email_address_id: primary },
      { p_email: "" },
    ]),
    ...[[], ...NONE].map((email_addresses): Row => [
      { email_addresses, primary_email_address_id: "idn_1" },
      { p_email: "" },
    ]),
  ]],
  ["a user who has only a phone has neither email nor name", "user.updated", [
    [
      {
        primary_phone_number_id: "idn_1",
        phone_numbers: [{ id: "idn_1", phone_number: "+12025550143" }],
        first_name: null,
        username: null,
      },
      { p_email: "", p_full_name: null, p_username: null },
    ],
  ]],
  ["empty strings become null", "user.updated", [
    [{ first_name: "", last_name: " ", image_url: "", profile_image_url: "", username: "" }, {
      p_full_name: null,
      p_avatar_url: null,
      p_username: null,
    }],
  ]],
  ["the full name is what there is of first and last name", "user.updated", [
    [{ first_name: "Ada", last_name: "Lovelace" }, { p_full_name: "Ada Lovelace" }],
    [{ first_name: " Ada ", last_name: null }, { p_full_name: "Ada" }],
    [{ first_name: "", last_name: "Lovelace" }, { p_full_name: "Lovelace" }],
  ]],
  ["the deprecated image URL is used where there is no other", "user.updated", [
    [{ profile_image_url: OLD }, { p_avatar_url: OLD }],
    [{ profile_image_url: OLD, image_url: NEW }, { p_avatar_url: NEW }],
  ]],
  ["who is banned, or disabled by the company's directory, is told as that", "user.updated", [
    [{ banned: true }, { p_banned: true, p_deprovisioned: false }],
    [{ deprovisioned: true }, { p_banned: false, p_deprovisioned: true }],
    [{ deprovisioned: null }, { p_deprovisioned: false }],
  ]],
  ["public metadata is handed on as it is, and null as empty", "user.updated", [
    [{ public_metadata: METADATA }, { p_public_metadata: METADATA }],
    [{ public_metadata: null }, { p_public_metadata: {} }],
  ]],
  ["an organization's empty strings become null", "organization.created", [
    [{ slug: "", image_url: "", logo_url: "", created_by: "" }, {
      p_slug: null,
      p_logo_url: null,
      p_created_by: null,
    }],
  ]],
  ...["created", "updated", "deleted"].map((what): Subject => [
    `a membership ${what} without public_user_data names no user`,
    `organizationMembership.${what}`,
    NONE.map((public_user_data) => [{ public_user_data }, {
      p_external_id: "orgmem_1",
      p_user_external_id: null,
      p_user_email: null,
      p_user_full_name: null,
    }]),
  ]),
  ["an identifier is the user's email if it is an address", "organizationMembership.updated", [
    [person({ identifier: "ada@example.com" }), { p_user_email: "ada@example.com" }],
    ...["+12025550143", "ada", "", null, undefined].map((identifier): Row => [
      person({ identifier }),
      { p_user_email: null },
    ]),
  ]],
  [
    "what a membership does not say of its user stays unknown",
    "organizationMembership.updated",
    [[person({}), {
      p_user_external_id: "user_1",
      p_user_banned: null,
      p_user_deprovisioned: null,
      p_user_username: null,
      p_user_avatar_url: null,
    }]],
  ],
  [
    "a membership says of a user who can't sign in that it is so",
    "organizationMembership.updated",
    [
      [person({ banned: true, deprovisioned: true }), {
        p_user_banned: true,
        p_user_deprovisioned: true,
      }],
    ],
  ],
  [
    "the role is handed on as Clerk's key",
    "organizationMembership.updated",
    ["org:admin", "basic_member", "org:billing_manager"]
      .map((role): Row => [{ role }, { p_role: role }]),
  ],
  ...["pending", "ended", "removed", "revoked"].map((status): Subject => [
    `a session that has no status takes that of its event: ${status}`,
    `session.${status}`,
    [[{ status: "" }, { p_status: status }]],
  ]),
  ["a session's own status comes before that of its event", "session.created", [
    [{}, { p_status: "active" }],
    [{ status: "pending" }, { p_status: "pending" }],
  ]],
  ["who signed in as the user is the actor's subject", "session.created", [
    [{ actor: { iss: "https://dashboard.clerk.com", sub: "user_2" } }, {
      p_actor_external_id: "user_2",
    }],
    ...[...NONE, {}, { sub: null }, { sub: "" }].map((actor): Row => [
      { actor },
      { p_actor_external_id: null },
    ]),
  ]],
];

for (const [what, type, rows] of SUBJECTS) {
  Deno.test(what, () => {
    for (const [fields, expected] of rows) {
      const args = argsOf(type, { ...BASE[type.split(".")[0]!], ...fields });
      assert.deepEqual({ ...args, ...expected }, args, JSON.stringify(fields));
    }
  });
}

Deno.test("a user of whom only the id is known is mapped to defaults", () => {
  assert.deepEqual(argsOf("user.updated", { id: "user_1" }), {
    p_external_id: "user_1",
    p_email: "",
    p_full_name: null,
    p_avatar_url: null,
    p_username: null,
    p_banned: false,
    p_deprovisioned: false,
    p_public_metadata: {},
    p_created_at: null,
    p_updated_at: null,
  });
});

Deno.test("the webhook guide's minimal organization is enough", () => {
  const parsed = parseEvent(
    '{"type":"organization.created","data":{"id":"org_123456789","name":"My Organization",' +
      '"created_by":"user_123456789"}}',
  );
  assert.ok(parsed.ok);
  assert.deepEqual(argsOf(parsed.event.type, parsed.event.data), {
    p_external_id: "org_123456789",
    p_name: "My Organization",
    p_slug: null,
    p_logo_url: null,
    p_created_by: "user_123456789",
    p_with_owner: true,
    p_public_metadata: {},
    p_created_at: null,
    p_updated_at: null,
  });
});

Deno.test("a delete says the id and no more", () => {
  for (const resource of ["user", "organization"]) {
    const data = { id: "an_id", object: resource, deleted: true, external_id: "ours", slug: "x" };
    assert.deepEqual(argsOf(`${resource}.deleted`, data), { p_external_id: "an_id" });
  }
});

Deno.test("private and unsafe metadata, IP addresses and a session's user are not handed on", () => {
  const user = { private_metadata: { note: "private" }, unsafe_metadata: { note: "unsafe" } };
  const session = {
    latest_activity: { ip_address: "203.0.113.7", city: "London" },
    user: { id: "user_1", first_name: "Ada" },
  };
  const args = [
    argsOf("user.updated", { ...BASE.user, ...user }),
    argsOf("session.created", { ...BASE.session, ...session }),
  ];
  assert.equal(args[1]?.p_city, "London");
  assert.doesNotMatch(JSON.stringify(args), /note|203\.0\.113\.7|Ada/);
});

Deno.test("an organization without a name, and a membership without one or of nobody, is rejected", () => {
  for (const name of [undefined, null, ""]) {
    assert.equal(route("organization.created", { id: "org_1", name }).kind, "reject");
  }
  for (const broken of [{ organization: null }, { organization: {} }, { public_user_data: {} }]) {
    const data = { ...BASE.organizationMembership, ...broken };
    const routed = route("organizationMembership.created", data);
    assert.equal(routed.kind, "reject", JSON.stringify(broken));
  }
});

Deno.test("the envelope's timestamp is read in milliseconds and in seconds; without one there is no time", () => {
  for (
    const [timestamp, at] of [
      [1772442000644, "2026-03-02T09:00:00.644Z"],
      [1772442000, "2026-03-02T09:00:00.000Z"],
      [undefined, null],
      [null, null],
    ]
  ) {
    const parsed = parseEvent(JSON.stringify({ type: "user.deleted", data: {}, timestamp }));
    assert.ok(parsed.ok);
    assert.equal(parsed.event.at, at);
  }
});
