import type { ClerkMembership, ClerkOrganization, ClerkUser } from "../clerk/api.ts";
import { toIsoTime } from "../clerk/fields.ts";
import { type MembershipArguments, membershipArguments } from "../clerk/membership.ts";
import { type OrganizationArguments, organizationArguments } from "../clerk/organization.ts";
import { type UserArguments, userArguments } from "../clerk/user.ts";

/** What is synced by comparing it. */
export type ObjectType = "user" | "organization" | "membership";

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
