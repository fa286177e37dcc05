import * as z from "zod/mini";
import { ClerkId, Milliseconds, orNull, Text, toFullName, toIsoTime } from "./fields.ts";

/**
 * Clerk's OrganizationMembership, in what the sync uses of it: the same on created, updated and deleted. Clerk may leave
 * `public_user_data` out; the membership's own id then stands for the user.
 */
export const Membership = z.looseObject({
  id: ClerkId,
  role: Text.check(z.minLength(1)),
  organization: z.looseObject({
    id: ClerkId,
    name: z.nullish(Text),
    slug: z.nullish(Text),
    image_url: z.nullish(Text),
    logo_url: z.nullish(Text),
    created_by: z.nullish(Text),
  }),
  public_user_data: z.nullish(z.looseObject({
    user_id: ClerkId,
    first_name: z.nullish(Text),
    last_name: z.nullish(Text),
    image_url: z.nullish(Text),
    profile_image_url: z.nullish(Text),
    identifier: z.nullish(Text),
    username: z.nullish(Text),
    banned: z.nullish(z.boolean()),
    deprovisioned: z.nullish(z.boolean()),
  })),
  created_at: z.nullish(Milliseconds),
  updated_at: z.nullish(Milliseconds),
});

/** What is read of a membership that ended: its role is of no use any more. */
export const EndedMembership = z.omit(Membership, { role: true });

/** Maps what `set_membership` and `remove_membership` have in common. Times become ISO 8601. */
export function membershipArguments(membership: z.infer<typeof EndedMembership>) {
  const { organization, public_user_data: user } = membership;
  return {
    p_external_id: membership.id,
    p_organization_external_id: organization.id,
    p_organization_name: orNull(organization.name),
    p_organization_slug: orNull(organization.slug),
    p_organization_logo_url: orNull(organization.image_url) ?? orNull(organization.logo_url),
    p_organization_created_by: orNull(organization.created_by),
    p_user_external_id: user?.user_id ?? null,
    p_user_email: emailOf(user?.identifier),
    p_user_full_name: toFullName(user?.first_name, user?.last_name),
    p_user_avatar_url: orNull(user?.image_url) ?? orNull(user?.profile_image_url),
    p_user_username: orNull(user?.username),
    p_user_banned: user?.banned ?? null,
    p_user_deprovisioned: user?.deprovisioned ?? null,
    p_created_at: toIsoTime(membership.created_at),
  };
}

/** What a membership says of its organization and its user, as `set_membership` and `remove_membership` take it. */
export type MembershipArguments = ReturnType<typeof membershipArguments>;

/** Clerk's identifier is an email address, a phone number or a username, whichever the user signs in with. */
function emailOf(identifier: string | null | undefined): string | null {
  return identifier?.includes("@") ? identifier : null;
}
