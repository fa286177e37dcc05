import type { ClerkEvent, MembershipBody } from "../clerk/event.ts";
import { pairKey } from "./tables.ts";

/**
 * The pairs that must have no access once these events were delivered: the newest membership that any of them tells of,
 * by `(created_at, id)`, is one that any of them deletes. Read from the events alone, without the rest of the model.
 */
export function removedPairs(delivered: Iterable<ClerkEvent>): Set<string> {
  const deleted = new Set<string>();
  const pairOf = new Map<string, string>();
  const newest = new Map<string, MembershipBody>();
  for (const { type, data } of delivered) {
    if (type === "organizationMembership.deleted") deleted.add(data.id);
    if (!isMembership(data)) continue;
    const user = data.public_user_data?.user_id;
    if (user) pairOf.set(data.id, pairKey(data.organization.id, user));
  }
  for (const { data } of delivered) {
    const pair = pairOf.get(data.id);
    if (!pair || !isMembership(data)) continue;
    const known = newest.get(pair);
    if (!known || key(data) > key(known)) newest.set(pair, data);
  }
  return new Set(
    [...newest].filter(([, { id }]) => deleted.has(id)).map(([pair]) => pair),
  );
}

function isMembership(data: ClerkEvent["data"]): data is MembershipBody {
  return data.object === "organization_membership";
}

/** Sorts as `(created_at, id)`: times in ms have one length for centuries. */
function key({ created_at, id }: MembershipBody): string {
  return `${created_at} ${id}`;
}
