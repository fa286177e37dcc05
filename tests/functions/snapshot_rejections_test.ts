/** Subscriptions and invitations that are not what Clerk sends. */
import assert from "node:assert/strict";
import { route } from "../../supabase/functions/clerk-webhook/route.ts";

const PAYER = { user_id: "", organization_id: "org_1" };
const ITEM = { id: "csub_item_1", status: "active" };
const INVITATION = {
  id: "orginv_1",
  organization_id: "org_1",
  email_address: "ada@example.com",
  role: "org:member",
};
const SUBSCRIPTION = { id: "csub_1", payer: PAYER, items: [ITEM] };
const PAYERS = [undefined, null, {}, { user_id: "", organization_id: "" }, {
  user_id: "user_1",
  organization_id: "org_1",
}].map((payer) => ({ payer }));

/** What is rejected: the event, its data, what is wrong in it, and what is said. */
const REJECTED: [what: string, type: string, data: object, fields: object[], error: string][] = [
  [
    "an item of nobody, or of two payers",
    "subscriptionItem.active",
    ITEM,
    PAYERS,
    "data.payer: custom",
  ],
  [
    "a subscription of nobody, or of two payers",
    "subscription.updated",
    SUBSCRIPTION,
    PAYERS,
    "data.payer: custom",
  ],
  [
    "a subscription without a list of items",
    "subscription.updated",
    SUBSCRIPTION,
    [undefined, null, {}, "csub_item_1", 1].map((items) => ({ items })),
    "data.items: expected array",
  ],
  [
    "a subscription of more than a thousand items",
    "subscription.updated",
    SUBSCRIPTION,
    [{ items: Array.from({ length: 1_001 }, () => ITEM) }],
    "data.items: too_big",
  ],
  [
    "a subscription with an item that has no id",
    "subscription.active",
    SUBSCRIPTION,
    [{ items: [ITEM, { ...ITEM, id: null }] }, { items: [ITEM, { status: "active" }] }],
    "data.items.1.id: expected string",
  ],
  [
    "an item without a status",
    "subscriptionItem.updated",
    { ...ITEM, payer: PAYER },
    [undefined, null, 7].map((status) => ({ status })),
    "data.status: expected string",
  ],
  [
    "seats that are no whole number",
    "subscriptionItem.updated",
    { ...ITEM, payer: PAYER },
    ["5", 1.5].map((quantity) => ({ seats: { quantity } })),
    "data.seats.quantity: expected ",
  ],
  [
    "seats that no integer of PostgreSQL's holds",
    "subscriptionItem.updated",
    { ...ITEM, payer: PAYER },
    [2 ** 31, -(2 ** 31) - 1].map((quantity) => ({ seats: { quantity } })),
    "data.seats.quantity: too_",
  ],
  ...["organization_id", "email_address", "role"].map((
    field,
  ): [string, string, object, object[], string] => [
    `an invitation without its ${field}`,
    "organizationInvitation.created",
    INVITATION,
    [undefined, null, 7].map((value) => ({ [field]: value })),
    `data.${field}: expected string`,
  ]),
];

for (const [what, type, data, fields, error] of REJECTED) {
  Deno.test(`${what} is rejected`, () => {
    for (const wrong of fields) {
      const routed = route(type, { ...data, ...wrong });
      if (routed.kind !== "reject") assert.fail(JSON.stringify(wrong));
      assert.ok(routed.error.startsWith(error), routed.error);
    }
  });
}
