import * as z from "zod/mini";
import { ClerkId, Milliseconds, orNull, Text, toIsoTime } from "./fields.ts";

/** Clerk's Session, in what the sync uses of it: no IP address, and not the user's snapshot that newer bodies carry. */
export const Session = z.looseObject({
  id: ClerkId,
  user_id: ClerkId,
  client_id: z.nullish(Text),
  actor: z.nullish(z.looseObject({ sub: z.nullish(Text) })),
  status: z.nullish(Text),
  latest_activity: z.nullish(z.looseObject({
    device_type: z.nullish(Text),
    browser_name: z.nullish(Text),
    city: z.nullish(Text),
    country: z.nullish(Text),
  })),
  last_active_at: z.nullish(Milliseconds),
  expire_at: z.nullish(Milliseconds),
  created_at: z.nullish(Milliseconds),
  updated_at: z.nullish(Milliseconds),
});

/** Maps Clerk's Session to the arguments of `record_session`; `status` is used where the body has none. */
export function sessionArguments(session: z.infer<typeof Session>, status: string) {
  const activity = session.latest_activity;
  return {
    p_external_id: session.id,
    p_user_external_id: session.user_id,
    p_status: orNull(session.status) ?? status,
    p_client_id: orNull(session.client_id),
    p_actor_external_id: orNull(session.actor?.sub),
    p_device: orNull(activity?.device_type),
    p_browser: orNull(activity?.browser_name),
    p_city: orNull(activity?.city),
    p_country: orNull(activity?.country),
    p_last_active_at: toIsoTime(session.last_active_at),
    p_expire_at: toIsoTime(session.expire_at),
    p_created_at: toIsoTime(session.created_at),
    p_updated_at: toIsoTime(session.updated_at),
  };
}
