import type { RpcCall } from "../database/rpc.ts";
import type { Element, ObjectType, SnapshotKind } from "./elements.ts";

/**
 * How an object differs. `missing`: not here. `stale`: older here. `different`: as old, but not the same. `role`: a
 * membership whose role alone is wrong. `deleted`: deleted here, for good, although it lives in Clerk. `extra`: lives here,
 * but not in Clerk.
 */
export type DifferenceKind = "missing" | "stale" | "different" | "role" | "deleted" | "extra";

/** One object that is not here as it is in Clerk: names only, no value of it. */
export interface Difference {
  object: ObjectType;
  clerkId: string;
  kind: DifferenceKind;
  /** The columns that differ. */
  fields: string[];
}

/** A difference and what repairs it. Nothing brings back what was deleted. */
export type Finding =
  | { kind: "write"; difference: Difference; element: Element }
  | { kind: "remove"; difference: Difference; call: RpcCall }
  | { kind: "irreparable"; difference: Difference };

/** A user that is here and that Clerk, asked for this very one at `at`, does not have. */
export function extraUser(clerkId: string, at: string): Finding {
  return extra("user", clerkId, {
    name: "delete_user",
    args: { p_external_id: clerkId, p_event_at: at },
  });
}

/** An organization that is here and that Clerk, asked for this very one at `at`, does not have. */
export function extraOrganization(clerkId: string, at: string): Finding {
  return extra("organization", clerkId, {
    name: "delete_org",
    args: { p_external_id: clerkId, p_event_at: at },
  });
}

/** A membership that is here and that Clerk, asked for this very pair at `at`, does not have. */
export function extraMembership(
  { external_id, organization_external_id, user_external_id }: {
    external_id: string;
    organization_external_id: string;
    user_external_id: string;
  },
  at: string,
): Finding {
  return extra("membership", external_id, {
    name: "remove_membership",
    args: {
      // Of this generation alone: whoever rejoined meanwhile stays.
      p_external_id: external_id,
      p_organization_external_id: organization_external_id,
      p_user_external_id: user_external_id,
      p_event_at: at,
    },
  });
}

/** A subscription item or an invitation that is open here and that Clerk, asked for this very one at `at`, does not have. */
export function extraSnapshot(
  kind: SnapshotKind,
  { external_id, organization_external_id }: {
    external_id: string;
    organization_external_id: string | null;
  },
  at: string,
): Finding {
  const ended = {
    p_external_id: external_id,
    p_organization_external_id: organization_external_id,
    p_status: kind === "subscription" ? "ended" : "revoked",
  };
  const args = { p_kind: kind, p_snapshots: [ended], p_event_at: at };
  return extra(kind, external_id, { name: "record_snapshots", args });
}

function extra(object: ObjectType, clerkId: string, call: RpcCall): Finding {
  return { kind: "remove", difference: { object, clerkId, kind: "extra", fields: [] }, call };
}

/**
 * Whether its repair moves other rows than its own, also some that were compared before: with a user or an organization that
 * appears, or lives again, memberships do, and a slug that is taken or freed is lost or won by another organization.
 */
export function movesOthers({ kind, difference: { object, kind: how, fields } }: Finding): boolean {
  if (kind === "irreparable" || object !== "user" && object !== "organization") return false;
  return how === "missing" || how === "extra" || fields.includes("deleted_at") ||
    fields.includes("slug");
}
