import type { Facts, Generation } from "./facts.ts";
import { creatorOf } from "./organizations.ts";
import { type MemberRow, pairKey, type Tables } from "./tables.ts";
import { newest } from "./version.ts";

/** Rules 3, 4 and 7: who has access to what, and as what, by the newest generation of each pair. */
export function memberRows(facts: Facts): Tables["members"] {
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
