import * as z from "zod/mini";
import { ClerkId, Metadata, Milliseconds, orNull, Text, toFullName, toIsoTime } from "./fields.ts";

/** Clerk's User, in what the sync uses of it. Loose: Clerk adds fields, and old bodies lack many. */
export const User = z.looseObject({
  id: ClerkId,
  primary_email_address_id: z.nullish(Text),
  email_addresses: z.nullish(z.array(z.looseObject({
    id: z.nullish(Text),
    email_address: Text,
  }))),
  first_name: z.nullish(Text),
  last_name: z.nullish(Text),
  username: z.nullish(Text),
  image_url: z.nullish(Text),
  profile_image_url: z.nullish(Text),
  banned: z.nullish(z.boolean()),
  deprovisioned: z.nullish(z.boolean()),
  public_metadata: z.nullish(Metadata),
  created_at: z.nullish(Milliseconds),
  updated_at: z.nullish(Milliseconds),
});

/** Maps Clerk's User to the arguments of `upsert_user`. Times become ISO 8601. */
export function userArguments(user: z.infer<typeof User>) {
  return {
    p_external_id: user.id,
    p_email: primaryEmail(user),
    p_full_name: toFullName(user.first_name, user.last_name),
    p_avatar_url: orNull(user.image_url) ?? orNull(user.profile_image_url),
    p_username: orNull(user.username),
    p_banned: user.banned ?? false,
    p_deprovisioned: user.deprovisioned ?? false,
    p_public_metadata: user.public_metadata ?? {},
    p_created_at: toIsoTime(user.created_at),
    p_updated_at: toIsoTime(user.updated_at),
  };
}

/** A user as `upsert_user` takes it. */
export type UserArguments = ReturnType<typeof userArguments>;

/** The address that `primary_email_address_id` names, never "the first"; empty when there is none. */
function primaryEmail(user: z.infer<typeof User>): string {
  const id = user.primary_email_address_id;
  if (!id) return "";
  return user.email_addresses?.find((email) => email.id === id)?.email_address ?? "";
}
