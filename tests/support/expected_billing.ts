import type { BILLING } from "../../scripts/simulate/billing_samples.ts";
import type { RecordedCall } from "./fake_database.ts";

/** What an event asks of the database, and when it happened. */
export type Expected = RecordedCall & { at: string };

const USER = "user_3A9fXq2LkVn8RtYw4CzHs7BmPd1";
const ORGANIZATION = "org_3A9hD2wPs6RkMx9BnTf3ZvJc7Qy";
const SUBSCRIPTION = "csub_3A9hK2nWe5RtYu8IoPa3SdFg6Hj";

/** A time within the minute in which everything is told of. */
const billed = (second: string) => `2026-03-02T09:00:${second}Z`;

const PRO = {
  p_external_id: "csub_item_3A9hK3pXw7ZrTn2MdQv8BsLc5Fy",
  p_subscription_external_id: SUBSCRIPTION,
  p_user_external_id: null,
  p_organization_external_id: ORGANIZATION,
  p_plan: "pro",
  p_plan_name: "Pro",
  p_status: "active",
  p_interval: "month",
  p_is_free_trial: false,
  p_seats: 10,
  p_period_start: billed("04.758"),
  p_period_end: "2026-04-02T09:00:04.758Z",
  p_created_at: billed("04.758"),
};

const TRIAL = { ...PRO, p_is_free_trial: true, p_seats: 5 };

const FREE = {
  ...PRO,
  p_external_id: "csub_item_3A9hK4qYe8UiOp6AsDf5GhJk9Lx",
  p_plan: "free",
  p_plan_name: "Free",
  p_seats: null,
  p_period_start: billed("04.708"),
  p_period_end: null,
  p_created_at: billed("04.708"),
};

const ANNUAL = {
  ...PRO,
  p_external_id: "csub_item_3A9hK6rTg1QaWs4EdRf7TgYh2Uj",
  p_interval: "annual",
  p_period_start: "2026-04-02T09:00:04.758Z",
  p_period_end: "2027-04-02T09:00:04.758Z",
  p_created_at: billed("05.108"),
};

/** What the snapshots of an event ask for, which is told 9 ms after the newest change. */
function snapshots(kind: string, id: string, changed: string, told: object[]): Expected {
  const at = new Date(Date.parse(billed(changed)) + 9).toISOString();
  const args = { p_kind: kind, p_object_id: id, p_snapshots: told };
  return { name: "record_snapshots", at, args };
}

/** What an item's event asks for: since when it is so, the item, and its status. */
function item(
  since: string,
  told: typeof PRO | typeof FREE,
  p_status: string,
  p_period_end = told.p_period_end,
) {
  const args = { ...told, p_status, p_period_end, p_updated_at: billed(since) };
  return snapshots("subscription", told.p_external_id, since, [args]);
}

/** What a subscription's event asks for. */
function items(changed: string, ...told: [since: string, told: object, p_status: string][]) {
  return snapshots(
    "subscription",
    SUBSCRIPTION,
    changed,
    told.map(([since, item, p_status]) => ({
      ...item,
      p_status,
      p_updated_at: billed(since),
    })),
  );
}

/** What an invitation's event asks for. */
function invitation(
  since: string,
  p_status: string,
  changes: { p_external_id?: string; [argument: string]: unknown } = {},
) {
  const args = {
    p_external_id: "orginv_3A9hN5qYt2KmRv7XbZs4CwDe8Gu",
    p_organization_external_id: ORGANIZATION,
    p_email: "mary.somerville@example.org",
    p_clerk_role: "org:admin",
    p_status,
    p_inviter_external_id: USER,
    p_user_external_id: null,
    p_expires_at: "2026-04-01T09:00:05.358Z",
    p_created_at: billed("05.358"),
    p_updated_at: billed(since),
    ...changes,
  };
  return snapshots("invitation", args.p_external_id, since, [args]);
}

/** What the samples of subscriptions and invitations ask of the database. */
export const BILLING_EXPECTED: Record<keyof typeof BILLING, Expected> = {
  "subscription.created": items("04.708", ["04.708", FREE, "active"]),
  "subscriptionItem.incomplete": item("04.758", TRIAL, "incomplete"),
  "subscriptionItem.active": item("04.808", TRIAL, "active"),
  "subscription.active": items(
    "04.858",
    ["04.858", { ...FREE, p_period_end: billed("04.858") }, "ended"],
    ["04.808", TRIAL, "active"],
  ),
  "subscriptionItem.freeTrialEnding": item("04.908", TRIAL, "active"),
  "subscriptionItem.updated": item("04.958", PRO, "active"),
  "subscriptionItem.pastDue": item("05.008", PRO, "past_due"),
  "subscription.pastDue": items("05.058", ["05.058", PRO, "past_due"]),
  "subscriptionItem.upcoming": item("05.108", ANNUAL, "upcoming"),
  "subscriptionItem.canceled": item("05.158", PRO, "canceled"),
  "subscription.updated": items(
    "05.208",
    ["05.208", PRO, "canceled"],
    ["05.108", ANNUAL, "upcoming"],
  ),
  "subscriptionItem.abandoned": item("05.258", ANNUAL, "abandoned"),
  "subscriptionItem.ended": item("05.308", PRO, "ended", billed("05.308")),
  "organizationInvitation.created": invitation("05.358", "pending"),
  "organizationInvitation.accepted": invitation("05.408", "accepted", {
    p_user_external_id: "user_3A9hP8vNc4XzLk6JhGf1DsAq3We",
  }),
  "organizationInvitation.revoked": invitation("05.458", "revoked", {
    p_external_id: "orginv_3A9hQ2wEr5TyUi9OpLk7JhGf4Ds",
    p_email: "luigi.menabrea@example.org",
    p_clerk_role: "org:member",
  }),
};
