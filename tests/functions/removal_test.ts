import fc from "fast-check";
import assert from "node:assert/strict";
import { SAMPLES, type SampleType } from "../../scripts/simulate/samples.ts";
import {
  EndedMembership,
  Membership,
} from "../../supabase/functions/_clerk_sync/clerk/membership.ts";
import { Invitation } from "../../supabase/functions/_clerk_sync/clerk/invitation.ts";
import { Session } from "../../supabase/functions/_clerk_sync/clerk/session.ts";
import { PaidItem } from "../../supabase/functions/_clerk_sync/clerk/subscription.ts";
import { User } from "../../supabase/functions/_clerk_sync/clerk/user.ts";
import { parseNeeded } from "../../supabase/functions/clerk-webhook/parse_event.ts";
import { deliver, startWebhook } from "../support/webhook.ts";

const ID = { p_external_id: "id" };
const MEMBERSHIP = { p_external_id: "id", p_organization_external_id: "organization.id" };
const SESSION = { p_external_id: "id", p_user_external_id: "user_id" };
const PAIR = ["id", "organization", "organization.id"];
const INVITED = ["id", "organization_id", "email_address", "role"];
const PAID = ["id", "status", "payer", "payer.organization_id"];
const ITEM = {
  p_external_id: "id",
  p_status: "status",
  p_organization_external_id: "payer.organization_id",
};

/** Not needed, but an item of two payers is nobody's. */
const OTHER_PAYER = "payer.user_id";

/**
 * Each event that takes access away: the RPC that it asks for, the schema of what is read of it, the paths of what it needs,
 * the arguments that must come through by their paths, and what is different from the sample.
 */
const REMOVALS: [
  type: SampleType,
  rpc: string,
  schema: object | null,
  needed: string[],
  args: Record<string, string>,
  changes?: Record<string, unknown>,
][] = [
  ["user.deleted", "delete_user", null, ["id"], ID],
  ["organization.deleted", "delete_org", null, ["id"], ID],
  ["organizationMembership.deleted", "remove_membership", EndedMembership, PAIR, MEMBERSHIP, {
    role: undefined,
  }],
  ["organizationMembership.updated", "set_membership", Membership, [...PAIR, "role"], {
    ...MEMBERSHIP,
    p_role: "role",
  }],
  ["user.updated", "upsert_user", User, ["id"], { ...ID, p_banned: "banned" }, { banned: true }],
  ["user.updated", "upsert_user", User, ["id"], ID, { deprovisioned: true }],
  ["session.ended", "record_session", Session, ["id", "user_id"], SESSION],
  ["session.removed", "record_session", Session, ["id", "user_id"], SESSION],
  ["session.revoked", "record_session", Session, ["id", "user_id"], SESSION],
  ["subscriptionItem.abandoned", "record_snapshots", PaidItem, PAID, ITEM],
  ["subscriptionItem.canceled", "record_snapshots", PaidItem, PAID, ITEM],
  ["subscriptionItem.ended", "record_snapshots", PaidItem, PAID, ITEM],
  ["organizationInvitation.revoked", "record_snapshots", Invitation, INVITED, {
    ...{ p_external_id: "id", p_organization_external_id: "organization_id" },
    p_clerk_role: "role",
  }],
];

/** Values of every kind, and those that are nearly right. */
const ODD = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(7, -1, 1.5, "", "2026-01-01T00:00:00Z", "true", [], [null], {}, null),
);

for (const [type, rpc, schema, needed, places, changes = {}] of REMOVALS) {
  const what = [type, ...Object.keys(changes)].join(" ");
  const data = { ...SAMPLES[type].data, ...changes } as Record<string, unknown>;
  const paths = schema ? pathsOf(schema) : ["deleted", "object", "slug", "external_id"];
  const kept = [...needed, ...Object.keys(changes), OTHER_PAYER];
  const optional = paths.filter((path) => !kept.includes(path));
  const args = Object.fromEntries(
    Object.entries(places).map(([name, path]) => [name, at(data, path)]),
  );

  Deno.test(`${what} takes access away, whatever its optional fields hold`, async () => {
    const odd = fc.dictionary(fc.constantFrom(...optional), ODD);
    // An id of an instance is read, if it is one: that of another one would be ignored.
    await fc.assert(
      fc.asyncProperty(odd, ODD, ODD, async (values, timestamp, instance_id) => {
        const changed = Object.entries(values).reduce(put, data);
        const event = { type, data: changed, timestamp, instance_id };
        const { said, call } = await deliver({ event });
        assert.equal(said, "200 applied");
        assert.equal(call.name, rpc);
        const [told] = call.args.p_snapshots as object[] ?? [call.args];
        assert.deepEqual({ ...told, ...args }, told);
      }),
      { numRuns: 150 },
    );
  });

  Deno.test(`${what} is rejected without what it needs`, async () => {
    for (const path of needed) {
      for (const value of [undefined, null, 7, "", {}]) {
        const { said } = await deliver({ event: { type, data: put(data, [path, value]) } });
        assert.equal(said, "422 rejected", `${path} ${JSON.stringify(value)}`);
      }
    }
  });
}

Deno.test("only what is odd is left out", async () => {
  const { data } = SAMPLES["user.updated"];
  const odd = { ...data, banned: true, first_name: 7, created_at: "x" };
  const { args } = (await deliver({ event: { type: "user.updated", data: odd } })).call;
  assert.deepEqual(
    [args.p_email, args.p_full_name, args.p_created_at, args.p_banned],
    ["ada.lovelace@example.com", data.last_name, null, true],
  );
});

Deno.test("a member whose user can't be read is removed by the membership's id", async () => {
  const type = "organizationMembership.deleted";
  const { data } = SAMPLES[type];
  const public_user_data = { ...data.public_user_data as object, user_id: 7 };
  const { said, call } = await deliver({ event: { type, data: { ...data, public_user_data } } });
  assert.equal(said, "200 applied");
  assert.equal(call.args.p_user_external_id, null);
  assert.equal(call.args.p_external_id, data.id);
});

Deno.test("what gives access is read as strictly as ever", async () => {
  const events: [type: SampleType, data: object, more?: object][] = [
    ["user.created", { created_at: "2026-01-01" }],
    ["organizationMembership.created", { created_at: "2026-01-01" }],
    ["session.created", { created_at: "2026-01-01" }],
    ["subscriptionItem.active", { period_end: "2026-01-01" }],
    ["subscription.updated", { items: [{ id: "csub_item_1", status: "active", interval: 7 }] }],
    ["organizationInvitation.created", { expires_at: "2026-01-01" }],
    ["user.updated", { first_name: 7 }],
    ["user.updated", {}, { timestamp: "now" }],
  ];
  for (const [type, changes, more] of events) {
    const event = { type, data: { ...SAMPLES[type].data, ...changes }, ...more };
    assert.equal((await deliver({ event })).said, "422 rejected", type);
  }
});

Deno.test("an item whose payer is one that can be read, and another that can't, ends for the former", async () => {
  const type = "subscriptionItem.ended";
  const payer = { organization_id: "org_1", user_id: 7 };
  const { said, call } = await deliver({ event: { type, data: { ...SAMPLES[type].data, payer } } });
  assert.equal(said, "200 applied");
  assert.partialDeepStrictEqual(call.args.p_snapshots, [{
    p_organization_external_id: "org_1",
    p_user_external_id: null,
  }]);
});

const ODD_FIELDS: [type: SampleType, field: string][] = [
  ["user.updated", "first_name"],
  ["subscriptionItem.ended", "interval"],
  ["organizationInvitation.revoked", "inviter_id"],
];

for (const [type, field] of ODD_FIELDS) {
  Deno.test(`the log says that something was left out of ${type}, and not what`, async () => {
    const webhook = startWebhook();
    const data = { ...SAMPLES[type].data, banned: true, [field]: ["ada@example.test"] };
    assert.equal(await webhook.deliver({ event: { type, data } }), "200 applied");
    assert.equal(JSON.parse(webhook.lines.at(-1) ?? "{}").unread, `data.${field}: expected string`);
    assert.ok(!webhook.lines.join().includes("@"));
  });
}

Deno.test("leaving out does not change what was given", () => {
  const data = { id: "user_1", banned: true, first_name: 7 };
  assert.equal(parseNeeded(User, data).success, true);
  assert.equal(data.first_name, 7);
});

/** The paths of a schema's fields, as `organization.name`. */
function pathsOf(schema: object): string[] {
  let inner = schema as { def: { innerType?: object; shape?: Record<string, object> } };
  while (inner.def.innerType) inner = inner.def.innerType as typeof inner;
  return Object.entries(inner.def.shape ?? {}).flatMap(([name, field]) => [
    name,
    ...pathsOf(field).map((path) => `${name}.${path}`),
  ]);
}

function at(data: unknown, path: string): unknown {
  return path.split(".").reduce(
    (value, key) => (value as Record<string, unknown> | null)?.[key],
    data,
  );
}

/** A copy with another value at a path; unchanged where there is nothing to put it into. */
function put(
  data: Record<string, unknown>,
  [path, value]: [string, unknown],
): Record<string, unknown> {
  const [key = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...data, [key]: value };
  const inner = data[key];
  if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return data;
  return { ...data, [key]: put(inner as Record<string, unknown>, [rest.join("."), value]) };
}
