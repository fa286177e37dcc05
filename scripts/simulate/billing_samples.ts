import invitation from "./samples/invitation.json" with { type: "json" };
import subscription from "./samples/subscription.json" with { type: "json" };
import item from "./samples/subscription_item.json" with { type: "json" };

/** So many ms after the organization was given its subscription. */
const at = (ms: number) => subscription.created_at + ms;

/** The item of the plan that is paid for: first as a free trial, then for more seats. */
const pro = (ms: number, status: string) => ({
  ...item,
  status,
  is_free_trial: ms < 250,
  seats: { quantity: ms < 250 ? 5 : 10 },
  period_end: status === "ended" ? at(ms) : item.period_end,
  updated_at: at(ms),
});

/** The item of the default plan, which costs nothing and has no end of its own. */
const free = (ms: number, status: string) => ({
  ...item,
  id: "csub_item_3A9hK4qYe8UiOp6AsDf5GhJk9Lx",
  status,
  is_free_trial: false,
  plan_id: "cplan_3A1nW4dEr7TyUi2OpAs5DfGh8Jk",
  plan: {
    id: "cplan_3A1nW4dEr7TyUi2OpAs5DfGh8Jk",
    slug: "free",
    name: "Free",
    is_recurring: false,
    amount: 0,
    currency: "USD",
  },
  seats: null,
  period_start: at(0),
  period_end: status === "ended" ? at(ms) : null,
  created_at: at(0),
  updated_at: at(ms),
});

/** The item of a whole year, for when the month is over. */
const annual = (ms: number, status: string) => ({
  ...pro(ms, status),
  id: "csub_item_3A9hK6rTg1QaWs4EdRf7TgYh2Uj",
  interval: "annual",
  plan: { ...item.plan, amount: 49_900 },
  period_start: item.period_end,
  period_end: item.period_end + 365 * 86_400_000,
  created_at: at(400),
});

/** The subscription with its items, which say neither who pays nor what they are of. */
const whole = (ms: number, items: object[], changes: object = {}) => ({
  ...{ ...subscription, ...changes },
  payer: item.payer,
  items: items.map((one) => ({ ...one, payer: null, subscription_id: null })),
  updated_at: at(ms),
});

const answered = (ms: number, status: string, changes: object) => ({
  ...{ ...invitation, status, url: null, ...changes },
  updated_at: at(ms),
});

const payment = {
  payment_source_id: "cps_3A9hK5pRw3ErTy7UiOp2AsDf4Gh",
  latest_payment_id: "cpa_3A9hL1sZx6CvBn3MqWe8RtYu5Io",
};

/** What is told of an organization that is given the free plan, pays for another one, and invites, in that order. */
export const BILLING = {
  "subscription.created": whole(0, [free(0, "active")]),
  "subscriptionItem.incomplete": pro(50, "incomplete"),
  "subscriptionItem.active": pro(100, "active"),
  "subscription.active": whole(150, [free(150, "ended"), pro(100, "active")], payment),
  "subscriptionItem.freeTrialEnding": pro(200, "active"),
  "subscriptionItem.updated": pro(250, "active"),
  "subscriptionItem.pastDue": pro(300, "past_due"),
  "subscription.pastDue": whole(350, [pro(350, "past_due")], {
    ...{ ...payment, status: "past_due", past_due_at: at(300) },
  }),
  "subscriptionItem.upcoming": annual(400, "upcoming"),
  "subscriptionItem.canceled": pro(450, "canceled"),
  "subscription.updated": whole(500, [pro(500, "canceled"), annual(400, "upcoming")], payment),
  "subscriptionItem.abandoned": annual(550, "abandoned"),
  "subscriptionItem.ended": pro(600, "ended"),
  "organizationInvitation.created": invitation,
  "organizationInvitation.accepted": answered(700, "accepted", {
    user_id: "user_3A9hP8vNc4XzLk6JhGf1DsAq3We",
  }),
  "organizationInvitation.revoked": answered(750, "revoked", {
    id: "orginv_3A9hQ2wEr5TyUi9OpLk7JhGf4Ds",
    email_address: "luigi.menabrea@example.org",
    role: "org:member",
    role_name: "Member",
  }),
};
