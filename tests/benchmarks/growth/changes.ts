import type { RpcCall, RpcName } from "../../../supabase/functions/_clerk_sync/database/rpc.ts";
import { randomNumbers } from "../row_level_security/random.ts";
import { filledId, JOINED_AT, organizationOf } from "./filled_ids.ts";

/** Calls that each change an object of a filled database, chosen evenly among so many users. */
export function changesOf(
  users: number,
  times: number,
  seed: number,
): Partial<Record<RpcName, RpcCall[]>> {
  const chosen = randomNumbers(seed, times, users);
  const at = new Date().toISOString();
  const event = (type: string, n: number) => ({
    p_created_at: JOINED_AT,
    p_updated_at: at,
    p_event_id: `msg_change_${users}_${type}_${n}`,
    p_event_type: type,
    p_event_at: at,
  });
  return {
    upsert_user: chosen.map((user, n) => ({
      name: "upsert_user",
      args: {
        p_external_id: filledId("user", user),
        p_email: "someone@example.com",
        p_full_name: "Some One",
        ...event("user.updated", n),
      },
    })),
    upsert_org_with_owner: chosen.map((user, n) => ({
      name: "upsert_org_with_owner",
      args: {
        p_external_id: filledId("organization", organizationOf(user)),
        p_name: "Some Organization",
        p_slug: `organization-${organizationOf(user)}`,
        p_with_owner: false,
        ...event("organization.updated", n),
      },
    })),
    set_membership: chosen.map((user, n) => ({
      name: "set_membership",
      args: {
        p_organization_external_id: filledId("organization", organizationOf(user)),
        p_user_external_id: filledId("user", user),
        p_role: "org:admin",
        p_external_id: filledId("membership", user),
        ...event("organizationMembership.updated", n),
      },
    })),
  };
}
