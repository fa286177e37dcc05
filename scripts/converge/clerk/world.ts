import type { InvitationBody, SubscriptionBody, SubscriptionItemBody } from "./bodies.ts";
import type { Announced, ProfileChoice } from "./commands.ts";

/** When something was made, and when it last changed, in ms. */
interface Dated {
  created_at: number;
  updated_at: number;
}

/** The person in a membership's body. */
export interface PublicUserData {
  user_id: string;
  first_name: string | null;
  last_name: string | null;
  profile_image_url: string;
  image_url: string;
  has_image: boolean;
  identifier: string | null;
  username: string | null;
  banned: boolean;
  deprovisioned: boolean;
}

/** Clerk's User; the many fields that the sync has no use for are in the body too. */
export interface UserBody extends Dated {
  object: "user";
  id: string;
  primary_email_address_id: string | null;
  email_addresses: { id: string; email_address: string }[];
  first_name: string | null;
  last_name: string | null;
  username: string | null;
  image_url: string;
  banned: boolean;
  deprovisioned: boolean;
  public_metadata: Record<string, unknown>;
}

/** Clerk's Organization. `created_by` is optional in Clerk's own specification. */
export interface OrganizationBody extends Dated {
  object: "organization";
  id: string;
  name: string;
  slug: string | null;
  image_url: string;
  created_by?: string;
  public_metadata: Record<string, unknown>;
}

/** Clerk's OrganizationMembership: the same on created, updated and deleted. */
export interface MembershipBody extends Dated {
  object: "organization_membership";
  id: string;
  role: string;
  organization: OrganizationBody;
  public_user_data?: PublicUserData;
}

/** Clerk's Session. */
export interface SessionBody extends Dated {
  object: "session";
  id: string;
  user_id: string;
  client_id: string;
  actor: { iss: string; sub: string } | null;
  status: string;
  last_active_at: number;
  expire_at: number;
}

/** What is left in the event of a deleted user or organization. */
interface DeletedBody {
  object: string;
  id: string;
  deleted: true;
}

/** The body of an event by its type. */
export type Body =
  | { type: "user.created" | "user.updated"; data: UserBody }
  | { type: "user.deleted" | "organization.deleted"; data: DeletedBody }
  | { type: "organization.created" | "organization.updated"; data: OrganizationBody }
  | {
    type:
      | "organizationMembership.created"
      | "organizationMembership.updated"
      | "organizationMembership.deleted";
    data: MembershipBody;
  }
  | { type: "session.created" | "session.ended" | "session.revoked"; data: SessionBody }
  | { type: `subscriptionItem.${string}`; data: SubscriptionItemBody }
  | { type: `subscription.${string}`; data: SubscriptionBody }
  | { type: `organizationInvitation.${string}`; data: InvitationBody };

/** One event: what Svix identifies it by, when Clerk says that it happened (in ms), and its body. */
export type ClerkEvent = Body & { id: string; timestamp: number };

/** The text that is sent for an event. */
export function bodyText({ type, data, timestamp }: ClerkEvent): string {
  return JSON.stringify({
    data,
    event_attributes: { http_request: { client_ip: "", user_agent: "" } },
    instance_id: "ins_3A1mKq0ZbT7xWcJ9dLhRv5YsN2e",
    object: "event",
    timestamp,
    type,
  });
}

/** An account, as Clerk holds it. `deletedAt`, like `endedAt` below, is the time that the event names. */
export interface User extends Dated {
  id: string;
  number: number;
  announced: Announced;
  profile: ProfileChoice;
  deletedAt: number | null;
  /** The latest `updated_at` at which the user could not sign in. */
  barredAt: number | null;
}

/** An organization, as Clerk holds it. */
export interface Organization extends Dated {
  id: string;
  number: number;
  announced: Announced;
  updatesNameCreator: boolean;
  membershipsNameCreator: boolean;
  createdBy: string | null;
  name: string;
  slug: string | null;
  deletedAt: number | null;
}

/** One generation of somebody's membership. */
export interface Membership extends Dated {
  id: string;
  organization: Organization;
  user: User;
  role: string;
  /** Whether any event has named the user of this membership's id. */
  isNamed: boolean;
  /** Removed by an event of its own, not only through its user or organization. */
  isRemoved: boolean;
}

/** A sign-in. */
export interface Session extends Dated {
  id: string;
  user: User;
  /** Id of who signed in as the user. */
  actor: string | null;
  status: "active" | "ended" | "revoked";
  endedAt: number | null;
}

/** Everything that Clerk knows. Nothing is ever taken out. */
export interface World {
  users: User[];
  organizations: Organization[];
  memberships: Membership[];
  sessions: Session[];
  subscriptions: SubscriptionItemBody[];
  invitations: InvitationBody[];
}

/** Memberships that are in force. */
export function isInForce({ isRemoved, user, organization }: Membership): boolean {
  return !isRemoved && user.deletedAt === null && organization.deletedAt === null;
}
