import * as z from "zod/mini";
import { ClerkId, Milliseconds, orNull, Text, toIsoTime } from "./fields.ts";

/** Who pays. Clerk sends `""` for the id of the kind that the payer is not of. */
const Payer = z.nullish(z.looseObject({
  user_id: z.nullish(Text),
  organization_id: z.nullish(Text),
}));

/**
 * Clerk Billing's subscription item, in what the sync uses of it: no amount of money. Within a subscription, and where Clerk's
 * API lists items, the payer and the subscription may be left out.
 */
export const SubscriptionItem = z.looseObject({
  id: ClerkId,
  status: Text.check(z.minLength(1)),
  is_free_trial: z.nullish(z.boolean()),
  plan: z.nullish(z.looseObject({ slug: z.nullish(Text), name: z.nullish(Text) })),
  // Webhooks say `interval`, the API `plan_period`.
  interval: z.nullish(Text),
  plan_period: z.nullish(Text),
  seats: z.nullish(z.looseObject({ quantity: z.nullish(z.int32()) })),
  period_start: z.nullish(Milliseconds),
  period_end: z.nullish(Milliseconds),
  payer: Payer,
  subscription_id: z.nullish(Text),
  created_at: z.nullish(Milliseconds),
  updated_at: z.nullish(Milliseconds),
});

/** A subscription item as a webhook brings it alone: with its one payer. */
export const PaidItem = SubscriptionItem.check(z.refine(hasOnePayer, { path: ["payer"] }));

/** Clerk Billing's subscription, in what the sync uses of it: its items are the periods of one payer. */
export const Subscription = z.looseObject({
  id: ClerkId,
  payer: Payer,
  // As many as one call of the RPC takes.
  items: z.array(SubscriptionItem).check(z.maxLength(1_000)),
}).check(z.refine(hasOnePayer, { path: ["payer"] }));

function hasOnePayer({ payer }: { payer?: z.infer<typeof Payer> }): boolean {
  return Boolean(payer?.user_id) !== Boolean(payer?.organization_id);
}

/** What tells an item of its subscription, where it does not say so itself. */
export type SubscriptionContext = Pick<z.infer<typeof Subscription>, "id" | "payer">;

/** Maps Clerk's subscription item to an element of `record_snapshots`. Times become ISO 8601. */
export function subscriptionArguments(
  item: z.infer<typeof SubscriptionItem>,
  context?: SubscriptionContext,
) {
  const payer = hasOnePayer(item) ? item.payer : context?.payer;
  return {
    p_external_id: item.id,
    p_subscription_external_id: orNull(item.subscription_id) ?? context?.id ?? null,
    p_user_external_id: orNull(payer?.user_id),
    p_organization_external_id: orNull(payer?.organization_id),
    p_plan: orNull(item.plan?.slug),
    p_plan_name: orNull(item.plan?.name),
    p_status: item.status,
    p_interval: orNull(item.interval) ?? orNull(item.plan_period),
    p_is_free_trial: item.is_free_trial ?? false,
    p_seats: item.seats?.quantity ?? null,
    p_period_start: toIsoTime(item.period_start),
    p_period_end: toIsoTime(item.period_end),
    p_created_at: toIsoTime(item.created_at),
    p_updated_at: toIsoTime(item.updated_at),
  };
}

/** A subscription item as `record_snapshots` takes it. */
export type SubscriptionArguments = ReturnType<typeof subscriptionArguments>;
