import * as z from "zod/mini";
import { ClerkId, Milliseconds, orNull, Text, toIsoTime } from "./fields.ts";

/** Clerk's OrganizationInvitation, in what the sync uses of it: not its link, which lets anybody accept it. */
export const Invitation = z.looseObject({
  id: ClerkId,
  organization_id: ClerkId,
  email_address: Text.check(z.minLength(1)),
  role: Text.check(z.minLength(1)),
  status: z.nullish(Text),
  inviter_id: z.nullish(Text),
  /** Who accepted it. */
  user_id: z.nullish(Text),
  expires_at: z.nullish(Milliseconds),
  created_at: z.nullish(Milliseconds),
  updated_at: z.nullish(Milliseconds),
});

/** Maps Clerk's OrganizationInvitation to an element of `record_snapshots`; `status` is used where the body has none. */
export function invitationArguments(invitation: z.infer<typeof Invitation>, status: string) {
  return {
    p_external_id: invitation.id,
    p_organization_external_id: invitation.organization_id,
    p_email: invitation.email_address,
    p_clerk_role: invitation.role,
    p_status: orNull(invitation.status) ?? status,
    p_inviter_external_id: orNull(invitation.inviter_id),
    p_user_external_id: orNull(invitation.user_id),
    p_expires_at: toIsoTime(invitation.expires_at),
    p_created_at: toIsoTime(invitation.created_at),
    p_updated_at: toIsoTime(invitation.updated_at),
  };
}

/** An invitation as `record_snapshots` takes it. */
export type InvitationArguments = ReturnType<typeof invitationArguments>;
