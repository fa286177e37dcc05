import * as z from "zod/mini";
import { ClerkId, Metadata, Milliseconds, orNull, Text, toIsoTime } from "./fields.ts";

/** Clerk's Organization, in what the sync uses of it. A slug may be missing: new Clerk applications have none. */
export const Organization = z.looseObject({
  id: ClerkId,
  name: Text.check(z.minLength(1)),
  slug: z.nullish(Text),
  image_url: z.nullish(Text),
  logo_url: z.nullish(Text),
  created_by: z.nullish(Text),
  public_metadata: z.nullish(Metadata),
  created_at: z.nullish(Milliseconds),
  updated_at: z.nullish(Milliseconds),
});

/** Maps Clerk's Organization to the arguments of `upsert_org_with_owner`. Times become ISO 8601. */
export function organizationArguments(organization: z.infer<typeof Organization>) {
  return {
    p_external_id: organization.id,
    p_name: organization.name,
    p_slug: orNull(organization.slug),
    p_logo_url: orNull(organization.image_url) ?? orNull(organization.logo_url),
    p_created_by: orNull(organization.created_by),
    p_public_metadata: organization.public_metadata ?? {},
    p_created_at: toIsoTime(organization.created_at),
    p_updated_at: toIsoTime(organization.updated_at),
  };
}

/** An organization as `upsert_org_with_owner` takes it. */
export type OrganizationArguments = ReturnType<typeof organizationArguments>;
