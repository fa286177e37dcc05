import { generatedBodies, type Identity, type OrganizationIdentity } from "./generated_bodies.ts";
import { type GeneratedIds, generatedIds, scramble } from "./generated_ids.ts";
import { generatedPairs, type Sizes } from "./generated_pairs.ts";
import { type ClerkInstance, INSTANCE_ID, type ListQuery, type Page } from "./instance.ts";

const DAY_MS = 86_400_000;
const USERS_SINCE = Date.UTC(2023, 0, 1);
const MEMBERSHIPS_SINCE = Date.UTC(2025, 0, 1);
const ROLES = ["org:member", "org:member", "org:billing", "org:admin"];

/**
 * An instance of any size that never changes and takes no memory: every body is computed from its number when it is asked
 * for. The same sizes and seed give the same instance.
 */
export function generatedInstance(
  { seed = 1, ...sizes }: Sizes & { seed?: number },
): ClerkInstance {
  const bodies = generatedBodies(seed);
  const pairs = generatedPairs(sizes);
  const userIds = generatedIds("user", sizes.users, seed);
  const organizationIds = generatedIds("org", sizes.organizations, seed);
  const membershipIds = generatedIds("orgmem", sizes.memberships, seed);

  /** Born evenly over so many days, and changed within 30 days from then. */
  function identity(ids: GeneratedIds, index: number, count: number, since: number, days: number) {
    const created_at = since + Math.floor(index * days * DAY_MS / count);
    const updated_at = created_at + 18 + scramble(index, seed) % (30 * DAY_MS);
    return { id: ids.of(index), index, created_at, updated_at };
  }
  const userAt = (index: number): Identity =>
    identity(userIds, index, sizes.users, USERS_SINCE, 730);
  function organizationAt(index: number): OrganizationIdentity {
    const { user } = pairs.pairOf(index);
    return {
      ...identity(organizationIds, index, sizes.organizations, USERS_SINCE, 730),
      createdBy: userIds.of(user),
    };
  }
  function membershipText(index: number): string {
    const { organization, user } = pairs.pairOf(index);
    const isCreator = index < sizes.organizations;
    return bodies.membership(
      {
        ...identity(membershipIds, index, sizes.memberships, MEMBERSHIPS_SINCE, 365),
        user: userAt(user),
        organization: organizationAt(organization),
      },
      isCreator ? "org:admin" : ROLES[scramble(index, seed) % ROLES.length]!,
    );
  }
  const userText = (index: number) => bodies.user(userAt(index));
  const organizationText = (index: number) => bodies.organization(organizationAt(index));

  return {
    id: INSTANCE_ID,
    user: (id) => textAt(userIds.indexOf(id), userText),
    users: ({ after, ids, ...list }) => {
      const some = ids && indexesOf(ids, userIds);
      const cursor = after === null ? null : userIds.indexOf(after);
      return rangeOf(some ?? sizes.users, list, cursor).map(userText);
    },
    countUsers: (ids) => ids ? indexesOf(ids, userIds).length : sizes.users,
    organization: (idOrSlug) => {
      const bySlug = /^organization-(\d+)$/.exec(idOrSlug)?.[1];
      const id = bySlug ? organizationIds.of(Number(bySlug)) : idOrSlug;
      return textAt(organizationIds.indexOf(id), organizationText);
    },
    organizations: (list) => pageOf(sizes.organizations, list, organizationText),
    memberships: ({ organizationId, userIds: ofUsers, ...list }) => {
      const organization = organizationId && organizationIds.indexOf(organizationId);
      if (typeof organization === "number") {
        const users = ofUsers && indexesOf(ofUsers, userIds);
        const all = pairs.ofOrganization(organization);
        const some = users ? all.filter((one) => users.includes(pairs.pairOf(one).user)) : all;
        return pageOf(some, list, membershipText);
      }
      if (organizationId !== null) return { items: [], total: 0 };
      if (!ofUsers) return pageOf(sizes.memberships, list, membershipText);
      const some = indexesOf(ofUsers, userIds).flatMap(pairs.ofUser).toSorted((a, b) => a - b);
      return pageOf(some, list, membershipText);
    },
  };
}

function textAt(index: number | null, toText: (index: number) => string): string | null {
  return index === null ? null : toText(index);
}

/** Numbers of objects, the oldest first. */
function indexesOf(ids: string[], known: GeneratedIds): number[] {
  const indexes = ids.map(known.indexOf).filter((index) => index !== null);
  return indexes.toSorted((a, b) => a - b);
}

function pageOf(all: number | number[], list: ListQuery, toText: (index: number) => string): Page {
  const total = typeof all === "number" ? all : all.length;
  return { items: rangeOf(all, list).map(toText), total };
}

/** The numbers of one page, of all objects up to a number or of some; `cursor`: of what comes after that object. */
function rangeOf(
  all: number | number[],
  { limit, offset, isAscending }: ListQuery,
  cursor: number | null = null,
): number[] {
  if (typeof all !== "number") {
    const isAfter = (one: number) => cursor === null || (isAscending ? one > cursor : one < cursor);
    const ordered = (isAscending ? all : all.toReversed()).filter(isAfter);
    return ordered.slice(offset, offset + limit);
  }
  const first = isAscending ? (cursor ?? -1) + 1 + offset : (cursor ?? all) - 1 - offset;
  const count = Math.max(0, Math.min(limit, isAscending ? all - first : first + 1));
  return Array.from({ length: count }, (_, step) => isAscending ? first + step : first - step);
}
