/** What subscriptions and invitations become: elements of `record_snapshots`. */
import assert from "node:assert/strict";
import { SAMPLE_TYPES, SAMPLES } from "../../scripts/simulate/samples.ts";
import { route } from "../../supabase/functions/clerk-webhook/route.ts";
import { deliver } from "../support/webhook.ts";

const ITEM = { id: "csub_item_1", status: "active" };
const PAYER = { user_id: "", organization_id: "org_1" };
const INVITATION = {
  id: "orginv_1",
  organization_id: "org_1",
  email_address: "ada@example.com",
  role: "org:member",
};

/** What `record_snapshots` is asked for. */
interface Asked {
  p_kind: string;
  p_object_id: string;
  p_snapshots: Record<string, unknown>[];
}

/** What an event with this data asks of `record_snapshots`. Fails when it asks for anything else. */
function askedBy(type: string, data: unknown): Asked {
  const routed = route(type, data);
  if (routed.kind !== "apply") assert.fail(JSON.stringify(routed));
  assert.equal(routed.call.name, "record_snapshots");
  return routed.call.args as Asked;
}

/** The one snapshot that an event with this data asks for. */
function snapshotOf(type: string, data: unknown): Record<string, unknown> {
  const { p_snapshots: [snapshot, ...others] } = askedBy(type, data);
  assert.deepEqual(others, []);
  return snapshot!;
}

const item = (fields: object) => snapshotOf("subscriptionItem.active", { ...ITEM, ...fields });
const nested = (fields: object, payer: object = PAYER) =>
  snapshotOf("subscription.updated", { id: "csub_1", payer, items: [{ ...ITEM, ...fields }] });
const paid = (fields: object) => item({ payer: PAYER, ...fields });
const invited = (fields: object, what = "created") =>
  snapshotOf(`organizationInvitation.${what}`, { ...INVITATION, ...fields });

const NONE = [undefined, null];
const USER = { user_id: "user_1", organization_id: "" };
const PAID_BY_USER = { p_user_external_id: "user_1", p_organization_external_id: null };
const PAID_BY_ORG = { p_user_external_id: null, p_organization_external_id: "org_1" };

/** Fields of the data, and what they become. */
type Row = [fields: object, snapshot: object];

const SUBJECTS: [what: string, map: (fields: object) => Record<string, unknown>, rows: Row[]][] = [
  ["who pays is the user or the organization; Clerk has an empty id for the other one", item, [
    [{ payer: USER }, PAID_BY_USER],
    [{ payer: PAYER }, PAID_BY_ORG],
    ...NONE.map((none): Row => [{ payer: { ...PAYER, user_id: none } }, PAID_BY_ORG]),
    ...NONE.map((none): Row => [{ payer: { ...USER, organization_id: none } }, PAID_BY_USER]),
  ]],
  ["an item that does not say who pays is paid by who pays its subscription", nested, [
    ...[...NONE, {}, { user_id: "", organization_id: "" }].map((payer): Row => [
      { payer },
      PAID_BY_ORG,
    ]),
    [{ payer: USER }, PAID_BY_USER],
  ]],
  ["an item that does not say what it is of is of the subscription around it", nested, [
    ...[...NONE, ""].map((subscription_id): Row => [
      { subscription_id },
      { p_subscription_external_id: "csub_1" },
    ]),
    [{ subscription_id: "csub_2" }, { p_subscription_external_id: "csub_2" }],
  ]],
  ["of an item alone without a subscription none is known", paid, [
    ...[...NONE, ""].map((subscription_id): Row => [
      { subscription_id },
      { p_subscription_external_id: null },
    ]),
  ]],
  ["an item without a plan, or with one without a name, is of none", paid, [
    ...[...NONE, {}, { slug: "", name: "" }].map((plan): Row => [
      { plan },
      { p_plan: null, p_plan_name: null },
    ]),
  ]],
  ["the interval comes before the plan's period, which is the API's word for it", paid, [
    [{ interval: "month" }, { p_interval: "month" }],
    [{ plan_period: "annual" }, { p_interval: "annual" }],
    [{ interval: "month", plan_period: "annual" }, { p_interval: "month" }],
    [{ interval: "", plan_period: "annual" }, { p_interval: "annual" }],
    [{}, { p_interval: null }],
  ]],
  ["seats are a number; none is said where there is no limit", paid, [
    [{ seats: { quantity: 5 } }, { p_seats: 5 }],
    ...[...NONE, {}, { quantity: null }].map((seats): Row => [{ seats }, { p_seats: null }]),
  ]],
  ["the default plan's item has no end, and what is not said of a trial is none", paid, [
    [{ period_start: 1772442000608, period_end: null }, {
      p_period_start: "2026-03-02T09:00:00.608Z",
      p_period_end: null,
      p_is_free_trial: false,
    }],
    ...NONE.map((is_free_trial): Row => [{ is_free_trial }, { p_is_free_trial: false }]),
    [{ is_free_trial: true }, { p_is_free_trial: true }],
  ]],
  ["an item's status is Clerk's own word, whatever the event's name", paid, [
    ...["past_due", "ended", "expired", "a_new_one"].map((status): Row => [
      { status },
      { p_status: status },
    ]),
  ]],
  ["an invitation's own status comes before that of its event", invited, [
    [{ status: "expired" }, { p_status: "expired" }],
    ...[...NONE, ""].map((status): Row => [{ status }, { p_status: "pending" }]),
  ]],
  [
    "nobody has accepted an invitation, and it never expires, where nothing is said of it",
    invited,
    [
      ...[...NONE, ""].map((none): Row => [
        { user_id: none, inviter_id: none, expires_at: none || null },
        { p_user_external_id: null, p_inviter_external_id: null, p_expires_at: null },
      ]),
      [{ user_id: "user_2", inviter_id: "user_1" }, {
        p_user_external_id: "user_2",
        p_inviter_external_id: "user_1",
      }],
    ],
  ],
];

for (const [what, map, rows] of SUBJECTS) {
  Deno.test(what, () => {
    for (const [fields, expected] of rows) {
      const snapshot = map(fields);
      assert.deepEqual({ ...snapshot, ...expected }, snapshot, JSON.stringify(fields));
    }
  });
}

Deno.test("an invitation that has no status takes that of its event", () => {
  for (const [what, status] of [["accepted", "accepted"], ["revoked", "revoked"]]) {
    assert.equal(invited({}, what).p_status, status);
  }
});

Deno.test("a subscription of no items is told as that, under its own id", () => {
  const data = { id: "csub_1", payer: PAYER, items: [] };
  assert.deepEqual(askedBy("subscription.created", data), {
    p_kind: "subscription",
    p_object_id: "csub_1",
    p_snapshots: [],
  });
});

Deno.test("a subscription's items are handed on all at once, in their order, up to a thousand", () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `csub_item_${index}`);
  const items = ids.map((id) => ({ ...ITEM, id }));
  const asked = askedBy("subscription.updated", { id: "csub_1", payer: PAYER, items });
  assert.deepEqual(asked.p_snapshots.map((one) => one.p_external_id), ids);
});

Deno.test("no amount of money is handed on, nor anything of payer and inviter but their ids", async () => {
  const told = SAMPLE_TYPES.filter((type) => /^(subscription|organizationInvitation)/.test(type));
  assert.equal(told.length, 16);
  for (const type of told) {
    const { call } = await deliver({ event: SAMPLES[type] });
    assert.doesNotMatch(
      JSON.stringify(call),
      /4900|49900|USD|ada\.lovelace|Lovelace|Analytical|ticket|img\.clerk|cpayer_|cps_|cpa_/,
      type,
    );
  }
});

Deno.test("what PostgreSQL can't store is left out of what items and invitations say", () => {
  const plan = { slug: "p\0ro", name: "\ud800Pro" };
  assert.partialDeepStrictEqual(paid({ plan }), { p_plan: "pro", p_plan_name: "\ufffdPro" });
  assert.equal(invited({ email_address: "a\0da@example.com" }).p_email, "ada@example.com");
});
