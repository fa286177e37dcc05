import { organizationBody, sessionBody, userBody } from "../clerk/bodies.ts";
import type { ClerkEvent, MembershipBody, World } from "../clerk/world.ts";
import {
  invitationRow,
  noRows,
  pairKey,
  planOf,
  sharedRows,
  subscriptionRow,
  type Tables,
} from "./tables.ts";

/** What Clerk itself would put into the tables, were it asked at the end: no events, no versions, no merging. */
export function truth(world: World): Tables {
  const tables = noRows();
  for (const user of world.users) {
    const body = userBody(user);
    const { email_addresses: [first, second] } = body;
    const names = [body.first_name, body.last_name].filter((name) => name !== null);
    tables.users.set(user.id, {
      external_id: user.id,
      email: (user.profile.email === "second" ? second : first)?.email_address ?? "",
      full_name: names.join(" ") || null,
      avatar_url: body.image_url,
      username: body.username,
      banned: body.banned,
      deprovisioned: body.deprovisioned,
      public_metadata: body.public_metadata,
      created_at: user.created_at,
      updated_at: user.updated_at,
      deleted_at: user.deletedAt,
    });
  }
  tables.shared = sharedRows(tables.users);
  for (const item of world.subscriptions) {
    tables.subscriptions.set(item.id, subscriptionRow(item));
  }
  for (const organization of world.organizations) {
    const { id, name, slug, createdBy, created_at, updated_at, deletedAt } = organization;
    const { image_url, public_metadata } = organizationBody(organization, true);
    tables.organizations.set(id, {
      external_id: id,
      name,
      slug: deletedAt === null ? slug : null,
      logo_url: image_url,
      created_by: createdBy,
      public_metadata,
      plan: planOf(id, tables.subscriptions),
      timezone: "UTC",
      created_at,
      updated_at,
      deleted_at: deletedAt,
    });
  }
  for (const { id, organization, user, role, created_at, isRemoved } of world.memberships) {
    if (isRemoved) continue;
    const isOwner = organization.createdBy === user.id && /^(org:)?admin$/.test(role);
    const isGone = organization.deletedAt !== null || user.deletedAt !== null;
    tables.members.set(pairKey(organization.id, user.id), {
      organization: organization.id,
      user: user.id,
      external_id: id,
      clerk_role: role,
      role: isOwner ? "owner" : shortRole(role),
      status: isGone ? "inactive" : "active",
      joined_at: created_at,
    });
  }
  for (const session of world.sessions) {
    const { client_id, last_active_at, expire_at } = sessionBody(session, true);
    const { user: { deletedAt, barredAt }, created_at } = session;
    const ends = [deletedAt, barredAt !== null && created_at <= barredAt ? barredAt : null]
      .filter((at) => at !== null);
    const withUser = ends.length > 0 ? Math.min(...ends) : null;
    tables.sessions.set(session.id, {
      external_id: session.id,
      user_external_id: session.user.id,
      client_id,
      actor_external_id: session.actor,
      status: session.endedAt === null && withUser !== null ? "revoked" : session.status,
      created_at,
      last_active_at,
      expire_at,
      ended_at: session.endedAt ?? withUser,
    });
  }
  for (const invitation of world.invitations) {
    const row = invitationRow(invitation, shortRole(invitation.role));
    tables.invitations.set(invitation.id, row);
  }
  return tables;
}

function shortRole(key: string): string {
  return key.replace("basic_member", "member").replace(/^org:(?!owner$)/, "");
}

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
