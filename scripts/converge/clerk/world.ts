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
export interface UserBody {
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
  created_at: number;
  updated_at: number;
}

/** Clerk's Organization. `created_by` is optional in Clerk's own specification. */
export interface OrganizationBody {
  object: "organization";
  id: string;
  name: string;
  slug: string | null;
  image_url: string;
  created_by?: string;
  public_metadata: Record<string, unknown>;
  created_at: number;
  updated_at: number;
}

/** Clerk's OrganizationMembership: the same on created, updated and deleted. */
export interface MembershipBody {
  object: "organization_membership";
  id: string;
  role: string;
  organization: OrganizationBody;
  public_user_data?: PublicUserData;
  created_at: number;
  updated_at: number;
}

/** Clerk's Session. */
export interface SessionBody {
  object: "session";
  id: string;
  user_id: string;
  client_id: string;
  actor: { iss: string; sub: string } | null;
  status: string;
  last_active_at: number;
  expire_at: number;
  created_at: number;
  updated_at: number;
}

/** What is left in the event of a deleted user or organization. */
export interface DeletedBody {
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
  | { type: "session.created" | "session.ended" | "session.revoked"; data: SessionBody };

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
