import * as z from "zod/mini";
import { ClerkId, toIsoTime } from "../_clerk_sync/clerk/fields.ts";
import { Invitation, invitationArguments } from "../_clerk_sync/clerk/invitation.ts";
import {
  EndedMembership,
  Membership,
  membershipArguments,
} from "../_clerk_sync/clerk/membership.ts";
import { Organization, organizationArguments } from "../_clerk_sync/clerk/organization.ts";
import { Session, sessionArguments } from "../_clerk_sync/clerk/session.ts";
import {
  PaidItem,
  Subscription,
  subscriptionArguments,
} from "../_clerk_sync/clerk/subscription.ts";
import { User, userArguments } from "../_clerk_sync/clerk/user.ts";
import type { RpcCall } from "../_clerk_sync/database/rpc.ts";
import { describe, parseNeeded } from "./parse_event.ts";

/** What is to be done with an event. */
export type Route =
  | {
    kind: "apply";
    call: RpcCall;
    /** Whether it takes access away: then nothing that it does not need may stop it. */
    removes: boolean;
    /** What was left out, as it could not be read; null: nothing. */
    unread: string | null;
  }
  | { kind: "ignore" }
  | { kind: "reject"; error: string };

/** What a delete event of a user or an organization says: the id, no fields. */
const Deleted = z.looseObject({ id: ClerkId });

const ROUTES = new Map<string, (data: unknown) => Route>([
  ["user.created", on(User, upsertUser, isShutOut)],
  ["user.updated", on(User, upsertUser, isShutOut)],
  [
    "user.deleted",
    on(Deleted, ({ id }) => ({ name: "delete_user", args: { p_external_id: id } }), always),
  ],
  ["organization.created", on(Organization, upsertOrganization(true))],
  // The creator may have left by now: only the creation makes an owner.
  ["organization.updated", on(Organization, upsertOrganization(false))],
  [
    "organization.deleted",
    on(Deleted, ({ id }) => ({ name: "delete_org", args: { p_external_id: id } }), always),
  ],
  ["organizationMembership.created", on(Membership, setMembership)],
  // It may take a role away.
  ["organizationMembership.updated", on(Membership, setMembership, always)],
  ["organizationMembership.deleted", on(EndedMembership, removeMembership, always)],
  ["session.created", on(Session, recordSession("active"))],
  ["session.pending", on(Session, recordSession("pending"))],
  ["session.ended", on(Session, recordSession("ended"), always)],
  ["session.removed", on(Session, recordSession("removed"), always)],
  ["session.revoked", on(Session, recordSession("revoked"), always)],
  ["subscriptionItem.abandoned", on(PaidItem, recordItem, always)],
  ["subscriptionItem.active", on(PaidItem, recordItem)],
  ["subscriptionItem.canceled", on(PaidItem, recordItem, always)],
  ["subscriptionItem.ended", on(PaidItem, recordItem, always)],
  ["subscriptionItem.freeTrialEnding", on(PaidItem, recordItem)],
  ["subscriptionItem.incomplete", on(PaidItem, recordItem)],
  ["subscriptionItem.pastDue", on(PaidItem, recordItem)],
  ["subscriptionItem.upcoming", on(PaidItem, recordItem)],
  ["subscriptionItem.updated", on(PaidItem, recordItem)],
  ["subscription.active", on(Subscription, recordItems)],
  ["subscription.created", on(Subscription, recordItems)],
  ["subscription.pastDue", on(Subscription, recordItems)],
  ["subscription.updated", on(Subscription, recordItems)],
  ["organizationInvitation.accepted", on(Invitation, recordInvitation("accepted"))],
  ["organizationInvitation.created", on(Invitation, recordInvitation("pending"))],
  ["organizationInvitation.revoked", on(Invitation, recordInvitation("revoked"), always)],
]);

/** The types of events that the sync follows. */
export const FOLLOWED_TYPES: readonly string[] = [...ROUTES.keys()];

/** Decides what an event asks for. A type that the sync does not follow is ignored, whatever its data. */
export function route(type: string, data: unknown): Route {
  return ROUTES.get(type)?.(data) ?? { kind: "ignore" };
}

function on<Schema extends z.ZodMiniType>(
  schema: Schema,
  toCall: (data: z.infer<Schema>) => RpcCall,
  isRemoval: (data: unknown) => boolean = () => false,
): (data: unknown) => Route {
  return (data) => {
    const removes = isRemoval(data);
    const whole = schema.safeParse(data);
    const parsed = whole.success || !removes ? whole : parseNeeded(schema, data);
    if (!parsed.success) return { kind: "reject", error: describe(parsed.error, ["data"]) };
    const unread = whole.success ? null : describe(whole.error, ["data"]);
    return { kind: "apply", call: toCall(parsed.data), removes, unread };
  };
}

function always(): boolean {
  return true;
}

/** A user who can't sign in any more: banned, or disabled by Directory Sync. */
function isShutOut(user: unknown): boolean {
  const { banned, deprovisioned } = (user ?? {}) as { banned?: unknown; deprovisioned?: unknown };
  return banned === true || deprovisioned === true;
}

function upsertUser(user: z.infer<typeof User>): RpcCall {
  return { name: "upsert_user", args: userArguments(user) };
}

function upsertOrganization(withOwner: boolean) {
  return (organization: z.infer<typeof Organization>): RpcCall => ({
    name: "upsert_org_with_owner",
    args: { ...organizationArguments(organization), p_with_owner: withOwner },
  });
}

function setMembership(membership: z.infer<typeof Membership>): RpcCall {
  return {
    name: "set_membership",
    args: {
      ...membershipArguments(membership),
      p_role: membership.role,
      p_updated_at: toIsoTime(membership.updated_at),
    },
  };
}

function removeMembership(membership: z.infer<typeof EndedMembership>): RpcCall {
  return { name: "remove_membership", args: membershipArguments(membership) };
}

function recordSession(status: string) {
  return (session: z.infer<typeof Session>): RpcCall => ({
    name: "record_session",
    args: sessionArguments(session, status),
  });
}

function recordItem(item: z.infer<typeof PaidItem>): RpcCall {
  return recordSnapshots("subscription", item.id, [subscriptionArguments(item)]);
}

function recordItems(subscription: z.infer<typeof Subscription>): RpcCall {
  const items = subscription.items.map((item) => subscriptionArguments(item, subscription));
  return recordSnapshots("subscription", subscription.id, items);
}

function recordInvitation(status: string) {
  return (invitation: z.infer<typeof Invitation>): RpcCall =>
    recordSnapshots("invitation", invitation.id, [invitationArguments(invitation, status)]);
}

function recordSnapshots(
  kind: "subscription" | "invitation",
  objectId: string,
  snapshots: object[],
): RpcCall {
  const args = { p_kind: kind, p_snapshots: snapshots, p_object_id: objectId };
  return { name: "record_snapshots", args };
}
