/** Subscription items and invitations as Clerk's Backend API answers them. */
import type * as webhook from "../../scripts/converge/clerk/bodies.ts";

/** A plan of Clerk Billing; the amount is in cents, 0 for a free plan. */
export interface PlanBody {
  object: "commerce_plan";
  id: string;
  slug: string;
  name: string;
  amount: { amount: number; currency: string };
}

/** Clerk's subscription item: in the list, and by its id. */
export interface SubscriptionItemBody {
  object: "commerce_subscription_item";
  id: string;
  status: string;
  plan_period: "month" | "annual";
  is_free_trial: boolean;
  plan_id: string | null;
  plan: PlanBody | null;
  seats?: { quantity: number | null };
  payer: { object: "commerce_payer"; id: string; user_id: string; organization_id: string } | null;
  period_start: number;
  period_end: number | null;
  created_at: number;
  updated_at: number;
}

/** Clerk's OrganizationInvitation. */
export interface InvitationBody {
  object: "organization_invitation";
  id: string;
  organization_id: string;
  email_address: string;
  role: string;
  role_name: string;
  status: string;
  inviter_id: string | null;
  public_metadata: Record<string, unknown>;
  url: string | null;
  expires_at: number | null;
  created_at: number;
  updated_at: number;
}

const DAY_MS = 86_400_000;

interface Identity {
  id: string;
  created_at: number;
  updated_at: number;
}

/** An item of a month, of the plan `pro`, that a user or an organization (`payerId`) pays for. */
export function itemBody(identity: Identity, payerId: string): SubscriptionItemBody {
  const isUser = payerId.startsWith("user_");
  return {
    object: "commerce_subscription_item",
    status: "active",
    plan_period: "month",
    is_free_trial: false,
    plan_id: "cplan_pro",
    plan: planBody("pro"),
    payer: {
      object: "commerce_payer",
      id: `cpayer_${payerId}`,
      user_id: isUser ? payerId : "",
      organization_id: isUser ? "" : payerId,
    },
    period_start: identity.created_at,
    period_end: identity.created_at + 30 * DAY_MS,
    id: identity.id,
    created_at: identity.created_at,
    updated_at: identity.updated_at,
  };
}

/** An item as the API has it, from what a webhook says of it. */
export function listedItem(item: webhook.SubscriptionItemBody): SubscriptionItemBody {
  const { id, status, plan, period_start, period_end, is_free_trial, seats } = item;
  const { user_id, organization_id } = item.payer;
  return {
    ...itemBody(item, user_id || organization_id),
    ...{ id, status, period_start, period_end, is_free_trial, seats },
    plan_id: plan?.id ?? null,
    plan: plan && { ...planBody(plan.slug), name: plan.name },
  };
}

/** An invitation as the API has it, from what a webhook says of it. */
export function listedInvitation(invitation: webhook.InvitationBody): InvitationBody {
  return { role_name: "Role", public_metadata: {}, ...invitation };
}

/** A plan by its slug; `free` costs nothing. */
export function planBody(slug: string): PlanBody {
  return {
    object: "commerce_plan",
    id: `cplan_${slug}`,
    slug,
    name: slug.toUpperCase(),
    amount: { amount: slug === "free" ? 0 : 2_000, currency: "USD" },
  };
}

/** What a payer has: the items that are not over, without their payer. */
export function subscriptionBody(payerId: string, items: SubscriptionItemBody[]) {
  return {
    object: "commerce_subscription",
    id: `csub_${payerId}`,
    status: "active",
    payer_id: `cpayer_${payerId}`,
    subscription_items: items.filter(({ status }) => !["ended", "abandoned"].includes(status))
      .map(({ payer: _, ...item }) => item),
  };
}

/** A pending invitation of somebody as a member. */
export function invitationBody(identity: Identity, organizationId: string): InvitationBody {
  return {
    object: "organization_invitation",
    organization_id: organizationId,
    email_address: `${identity.id}@example.com`,
    role: "org:member",
    role_name: "Member",
    status: "pending",
    inviter_id: null,
    public_metadata: {},
    url: "https://example.com/invited",
    expires_at: identity.created_at + 30 * DAY_MS,
    ...identity,
  };
}

/** Who pays for an item; null where it does not say. */
export function payerOf({ payer }: SubscriptionItemBody): string | null {
  return payer && (payer.user_id || payer.organization_id);
}

/** Whether an item is of a free plan, which the list leaves out unless it is asked for them. */
export function isFree({ plan }: SubscriptionItemBody): boolean {
  return plan?.amount.amount === 0;
}
