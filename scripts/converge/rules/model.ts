import type { OrganizationBody, PublicUserData, UserBody } from "../clerk/world.ts";
import { type Claim, type Facts, type Generation, isNewer, newest } from "./facts.ts";
import {
  invitationRow,
  type MemberRow,
  pairKey,
  planOf,
  sharedRows,
  subscriptionRow,
  type Tables,
} from "./tables.ts";

/**
 * The state that the rules prescribe once these facts are known. A function of a set: it cannot depend on order,
 * number or concurrency of the deliveries. It is written from the rules, and shares nothing with what it judges.
 */
export function tablesAfter(facts: Facts): Tables {
  const users = userRows(facts);
  const subscriptions = snapshotRows(facts.items, subscriptionRow);
  return {
    users,
    shared: sharedRows(users),
    organizations: organizationRows(facts, subscriptions),
    members: memberRows(facts),
    sessions: sessionRows(facts),
    subscriptions,
    invitations: snapshotRows(
      facts.invitations,
      (body) => invitationRow(body, roleName(body.role, false)),
    ),
  };
}

/** Rules 1, 2 and 5 for users: the newest snapshot, or the newest stub where there is none, and the deletion. */
function userRows({ users, deletedAt }: Facts): Tables["users"] {
  const rows: Tables["users"] = new Map();
  for (const [id, claims] of users) {
    const { body } = newest<(typeof claims)[number]>(claims)!;
    const { image_url: avatar_url, username, banned, deprovisioned } = body;
    rows.set(id, {
      external_id: id,
      full_name: fullName(body),
      avatar_url,
      username,
      banned,
      deprovisioned,
      ...("object" in body ? ofSnapshot(body) : ofStub(body)),
      deleted_at: deletedAt.get(id) ?? null,
    });
  }
  return rows;
}

function ofSnapshot(user: UserBody) {
  const primary = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
  const { public_metadata, created_at, updated_at } = user;
  return { email: primary?.email_address ?? "", public_metadata, created_at, updated_at };
}

function ofStub({ identifier }: PublicUserData) {
  const email = identifier?.includes("@") ? identifier : "";
  return { email, public_metadata: {}, created_at: null, updated_at: null };
}

function fullName(user: { first_name: string | null; last_name: string | null }): string | null {
  const { first_name, last_name } = user;
  return first_name && last_name ? `${first_name} ${last_name}` : first_name ?? last_name;
}

/** Rules 1, 2, 5 and 6 for organizations. */
function organizationRows(facts: Facts, paid: Tables["subscriptions"]): Tables["organizations"] {
  const { organizations, deletedAt } = facts;
  const winners = new Map<string, Claim<OrganizationBody>>();
  for (const [id, claims] of organizations) winners.set(id, newest(claims)!);

  const rows: Tables["organizations"] = new Map();
  for (const [id, winner] of winners) {
    const { body, updatedAt } = winner;
    const isStub = updatedAt === null;
    rows.set(id, {
      external_id: id,
      name: body.name,
      slug: holdsSlug(winner, winners, deletedAt) ? body.slug : null,
      logo_url: body.image_url,
      created_by: creatorOf(id, facts),
      public_metadata: isStub ? {} : body.public_metadata,
      plan: planOf(id, paid),
      timezone: "UTC",
      created_at: isStub ? null : body.created_at,
      updated_at: updatedAt,
      deleted_at: deletedAt.get(id) ?? null,
    });
  }
  return rows;
}

/** A creator never changes, and a body that leaves it out says nothing of it. */
function creatorOf(organization: string, { organizations }: Facts): string | null {
  const claims = organizations.get(organization) ?? [];
  return claims.find(({ body }) => body.created_by)?.body.created_by ?? null;
}

/** Rule 6: of the living organizations whose newest snapshot claims a slug, the newest claim holds it. */
function holdsSlug(
  claim: Claim<OrganizationBody>,
  winners: Map<string, Claim<OrganizationBody>>,
  deletedAt: Facts["deletedAt"],
): boolean {
  if (deletedAt.has(claim.body.id)) return false;
  for (const rival of winners.values()) {
    const isRival = rival.body.id !== claim.body.id && rival.body.slug === claim.body.slug;
    if (isRival && !deletedAt.has(rival.body.id) && isNewer(rival, claim)) return false;
  }
  return true;
}

/** Rules 3, 4 and 7: who has access to what, and as what, by the newest generation of each pair. */
function memberRows(facts: Facts): Tables["members"] {
  const rows: Tables["members"] = new Map();
  for (const row of [...ownersByCreation(facts), ...membersByEvent(facts)]) {
    const key = pairKey(row.organization, row.user);
    if ("isRemoved" in row) rows.delete(key);
    else rows.set(key, row);
  }
  return rows;
}

/** Generation zero: what the creation of an organization says, as soon as its creator is known. */
function* ownersByCreation(facts: Facts): Iterable<MemberRow> {
  for (const { id, created_by: user, created_at } of facts.creations.values()) {
    if (!user || !facts.users.has(user)) continue;
    yield {
      organization: id,
      user,
      external_id: null,
      clerk_role: null,
      role: "owner",
      status: statusOf(id, user, facts),
      joined_at: created_at,
    };
  }
}

type Removed = { organization: string; user: string; isRemoved: true };

/** The newest generation of each pair. */
function* membersByEvent(facts: Facts): Iterable<MemberRow | Removed> {
  const current = new Map<string, Generation & { user: string }>();
  for (const generation of facts.generations.values()) {
    const { organization, user } = generation;
    if (user === null) continue;
    const key = pairKey(organization, user);
    const known = current.get(key);
    if (!known || isLater(generation, known)) current.set(key, { ...generation, user });
  }
  for (const { id, organization, user, createdAt, isDeleted, claims } of current.values()) {
    const claim = newest(claims);
    if (isDeleted || !claim) {
      yield { organization, user, isRemoved: true };
      continue;
    }
    const { role } = claim.body;
    yield {
      organization,
      user,
      external_id: id,
      clerk_role: role,
      role: roleName(role, creatorOf(organization, facts) === user),
      status: statusOf(organization, user, facts),
      joined_at: createdAt,
    };
  }
}

function isLater(a: Generation, b: Generation): boolean {
  return a.createdAt === b.createdAt ? a.id > b.id : a.createdAt > b.createdAt;
}

/** Rule 4: a pure function of the key and of whether it is the creator. */
function roleName(key: string, isCreator: boolean): string {
  if (isCreator && (key === "org:admin" || key === "admin")) return "owner";
  if (key === "org:owner" || key === "owner") return "org:owner";
  return key === "basic_member" ? "member" : key.replace(/^org:/, "");
}

/** Rule 7. */
function statusOf(organization: string, user: string, { deletedAt }: Facts) {
  return deletedAt.has(organization) || deletedAt.has(user) ? "inactive" : "active";
}

/** The newest snapshot of each session, and who acts in it by any; a session that is not over ends with its user. */
function sessionRows(facts: Facts): Tables["sessions"] {
  const rows: Tables["sessions"] = new Map();
  for (const [id, claims] of facts.sessions) {
    const { body, event } = newest(claims)!;
    const isOver = body.status !== "active";
    const withUser = endOfUser(body.user_id, body.created_at, facts);
    rows.set(id, {
      external_id: id,
      user_external_id: body.user_id,
      client_id: body.client_id,
      actor_external_id: claims.find((claim) => claim.body.actor)?.body.actor?.sub ?? null,
      status: !isOver && withUser !== null ? "revoked" : body.status,
      created_at: body.created_at,
      last_active_at: body.last_active_at,
      expire_at: body.expire_at,
      ended_at: isOver ? event.timestamp : withUser,
    });
  }
  return rows;
}

/** The newest snapshot of each, answered before pending. Ids never change: whoever leaves one out says nothing of it. */
function snapshotRows<Body extends { status: string }, Row>(
  snapshots: Map<string, Claim<Body>[]>,
  toRow: (body: Body) => Row,
): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const [id, claims] of snapshots) {
    const answers = claims.filter(({ body }) => body.status !== "pending");
    const { body } = newest(answers.length > 0 ? answers : claims)!;
    const told = claims.flatMap((claim) => Object.entries(claim.body));
    const ids = Object.fromEntries(told.filter(([name, id]) => name.endsWith("_id") && id));
    rows.set(id, toRow({ ...body, ...ids }));
  }
  return rows;
}

/** When its user was deleted, or last said by a snapshot to be barred after it began; the earlier of both. */
function endOfUser(user: string, createdAt: number, { users, deletedAt }: Facts): number | null {
  const barred = (users.get(user) ?? []).flatMap(({ body, updatedAt }) =>
    updatedAt !== null && isBarred(body) ? [updatedAt] : []
  );
  const ends = [deletedAt.get(user), ...latestSince(createdAt, barred)].filter((at) =>
    at !== undefined
  );
  return ends.length > 0 ? Math.min(...ends) : null;
}

function isBarred({ banned, deprovisioned }: Pick<UserBody, "banned" | "deprovisioned">): boolean {
  return banned || deprovisioned;
}

function latestSince(from: number, times: number[]): number[] {
  const latest = Math.max(...times);
  return times.length > 0 && latest >= from ? [latest] : [];
}
