/** The columns of the tables from what Clerk sends, for both references. */
import type { Data } from "./receive.ts";

export function userRow(user: Data) {
  const email = user.email_addresses.find(({ id }: { id: string }) =>
    id === user.primary_email_address_id
  );
  return {
    email: email?.email_address ?? "",
    full_name: [user.first_name, user.last_name].filter(Boolean).join(" ") || null,
    avatar_url: user.image_url,
    username: user.username,
    banned: user.banned,
    public_metadata: user.public_metadata,
    created_at: time(user.created_at),
    updated_at: time(user.updated_at),
  };
}

export function organizationRow(organization: Data) {
  return {
    name: organization.name,
    slug: organization.slug,
    logo_url: organization.image_url,
    created_by: organization.created_by,
    public_metadata: organization.public_metadata,
    created_at: time(organization.created_at),
    updated_at: time(organization.updated_at),
  };
}

/** Of who made an organization, before a membership's own event tells more. */
export function ownerRow(organization: Data) {
  const joinedAt = time(organization.created_at);
  return { role: "owner", joined_at: joinedAt, updated_at: joinedAt };
}

export function memberRow(membership: Data) {
  return {
    external_id: membership.id,
    role: membership.role.replace("org:", ""),
    clerk_role: membership.role,
    joined_at: time(membership.created_at),
    updated_at: time(membership.updated_at),
  };
}

export function sessionRow(session: Data) {
  return {
    user_external_id: session.user_id,
    client_id: session.client_id,
    status: session.status,
    device: session.latest_activity?.device_type,
    browser: session.latest_activity?.browser_name,
    city: session.latest_activity?.city,
    country: session.latest_activity?.country,
    created_at: time(session.created_at),
    last_active_at: time(session.last_active_at),
    expire_at: time(session.expire_at),
    updated_at: time(session.updated_at),
  };
}

export function time(ms: number): string {
  return new Date(ms).toISOString();
}
