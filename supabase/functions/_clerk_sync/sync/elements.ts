import type {
  ClerkInvitation,
  ClerkMembership,
  ClerkOrganization,
  ClerkSubscriptionItem,
  ClerkUser,
} from "../clerk/api.ts";
import { toIsoTime } from "../clerk/fields.ts";
import { invitationArguments } from "../clerk/invitation.ts";
import { type MembershipArguments, membershipArguments } from "../clerk/membership.ts";
import { type OrganizationArguments, organizationArguments } from "../clerk/organization.ts";
import { type SubscriptionArguments, subscriptionArguments } from "../clerk/subscription.ts";
import { type UserArguments, userArguments } from "../clerk/user.ts";

/** What is nothing but its newest snapshot: `p_kind` of the RPCs that take all of these. */
export type SnapshotKind = "subscription" | "invitation";

/** What is synced by comparing it. */
export type ObjectType = "user" | "organization" | "membership" | SnapshotKind;

/** One object as Clerk has it, as the bulk RPCs take it: the arguments of the single forms, by their names. */
export interface Element {
  p_external_id: string;
  p_updated_at: string | null;
  /** When this was so in Clerk: just before Clerk was asked. */
  p_event_at: string;
}

/** A user as `sync_upsert_users` and `sync_compare_users` take it. */
export type UserElement = UserArguments & Element;

/** An organization as `sync_upsert_orgs` and `sync_compare_orgs` take it. */
export type OrganizationElement = OrganizationArguments & Element;

/** A membership as `sync_set_memberships` and `sync_compare_memberships` take it. */
export type MembershipElement = MembershipArguments & Element & { p_role: string };

/** Maps Clerk's User. */
export function userElement(user: ClerkUser, at: string): UserElement {
  return { ...userArguments(user), p_event_at: at };
}

/** Maps Clerk's Organization. */
export function organizationElement(
  organization: ClerkOrganization,
  at: string,
): OrganizationElement {
  return { ...organizationArguments(organization), p_event_at: at };
}

/** Maps Clerk's OrganizationMembership. */
export function membershipElement(membership: ClerkMembership, at: string): MembershipElement {
  return {
    ...membershipArguments(membership),
    p_role: membership.role,
    p_updated_at: toIsoTime(membership.updated_at),
    p_event_at: at,
  };
}

/** A subscription item as `sync_record_snapshots` and `sync_compare_snapshots` take it. */
export type SubscriptionElement = SubscriptionArguments & Element;

/** Maps Clerk's subscription item. */
export function subscriptionElement(item: ClerkSubscriptionItem, at: string): SubscriptionElement {
  return { ...subscriptionArguments(item), p_event_at: at };
}

/** Maps Clerk's OrganizationInvitation. */
export function invitationElement(invitation: ClerkInvitation, at: string): Element {
  return { ...invitationArguments(invitation, "pending"), p_event_at: at };
}
