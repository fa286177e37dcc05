import { membershipBody, organizationBody, userBody } from "../../scripts/converge/clerk/bodies.ts";
import type { Membership, Organization, User } from "../../scripts/converge/clerk/world.ts";
import { invitationBody, isFree, itemBody, planBody, subscriptionBody } from "./snapshots.ts";
import { type ClerkInstance, INSTANCE_ID, type ListQuery, type Page } from "./instance.ts";

const DAY_MS = 86_400_000;
const USERS_SINCE = Date.UTC(2023, 0, 1);
const MEMBERSHIPS_SINCE = Date.UTC(2025, 0, 1);
const ROLES = ["org:member", "org:member", "org:billing", "org:admin"];

/** How many of each there are. */
export interface Sizes {
  users: number;
  organizations: number;
  memberships: number;
}

/** Of these there are none unless they are asked for. */
export interface SnapshotSizes {
  subscriptions?: number;
  invitations?: number;
}

const PLANS = ["free", "pro", "team"];
const INVITATION_STATUSES = ["pending", "accepted", "pending", "revoked"];

/**
 * An instance of any size that never changes and takes no memory: every body is computed from its number when it is asked
 * for. The same sizes and seed give the same instance.
 */
export function generatedInstance(
  { seed = 1, subscriptions = 0, invitations = 0, ...sizes }:
    & Sizes
    & SnapshotSizes
    & { seed?: number },
): ClerkInstance {
  const pairOf = pairsOf(sizes);
  const userIds = generatedIds("user", sizes.users, seed);
  const organizationIds = generatedIds("org", sizes.organizations, seed);
  const membershipIds = generatedIds("orgmem", sizes.memberships, seed);
  const itemIds = generatedIds("csub_item", subscriptions, seed);
  const invitationIds = generatedIds("orginv", invitations, seed);

  /** Born evenly over so many days, and changed within 30 days from then. */
  function identity(ids: GeneratedIds, index: number, count: number, since: number, days: number) {
    const created_at = since + Math.floor(index * days * DAY_MS / count);
    const updated_at = created_at + 18 + scramble(index, seed) % (30 * DAY_MS);
    return { id: ids.of(index), created_at, updated_at };
  }

  /** One in 40 has no address, a few are banned; the others have a name, a username and one or two addresses, or less. */
  function userAt(index: number): User {
    const looks = scramble(index, seed) % 200;
    const email = looks % 40 === 0 ? "none" : looks % 3 === 0 ? "only" : "second";
    const rights = { banned: looks === 77, deprovisioned: looks === 78 };
    return {
      ...identity(userIds, index, sizes.users, USERS_SINCE, 730),
      number: index,
      announced: "all",
      profile: { email, name: looks % 5, username: looks % 4 !== 0, ...rights },
      deletedAt: null,
      barredAt: null,
    };
  }

  function organizationAt(index: number): Organization {
    return {
      ...identity(organizationIds, index, sizes.organizations, USERS_SINCE, 730),
      number: index,
      announced: "all",
      updatesNameCreator: true,
      membershipsNameCreator: true,
      createdBy: userIds.of(pairOf(index).user),
      name: `Organization ${index}`,
      slug: `organization-${index}`,
      deletedAt: null,
    };
  }

  function membershipAt(index: number): Membership {
    const { organization, user } = pairOf(index);
    const isCreator = index < sizes.organizations;
    return {
      ...identity(membershipIds, index, sizes.memberships, MEMBERSHIPS_SINCE, 365),
      organization: organizationAt(organization),
      user: userAt(user),
      role: isCreator ? "org:admin" : ROLES[scramble(index, seed) % ROLES.length]!,
      isNamed: true,
      isRemoved: false,
    };
  }

  /** Each organization has one after the other: only the last one has not ended. */
  function itemAt(index: number) {
    const born = identity(itemIds, index, subscriptions, MEMBERSHIPS_SINCE, 365);
    const plan = planBody(PLANS[scramble(index, seed) % PLANS.length]!);
    const status = index + sizes.organizations < subscriptions ? "ended" : "active";
    const body = itemBody(born, organizationIds.of(index % sizes.organizations));
    return { ...body, plan, plan_id: plan.id, status };
  }

  function invitationAt(index: number) {
    const born = identity(invitationIds, index, invitations, MEMBERSHIPS_SINCE, 365);
    const status = INVITATION_STATUSES[scramble(index, seed) % INVITATION_STATUSES.length]!;
    return { ...invitationBody(born, organizationIds.of(index % sizes.organizations)), status };
  }

  /** Those of one organization, by their numbers. */
  const numbersOf = (count: number, organizationId: string) =>
    Array.from({ length: count }, (_, index) => index).filter((index) =>
      index % sizes.organizations === organizationIds.indexOf(organizationId)
    );
  const itemText = (index: number) => JSON.stringify(itemAt(index));
  const invitationText = (index: number) => JSON.stringify(invitationAt(index));
  const userText = (index: number) => JSON.stringify(userBody(userAt(index)));
  const organizationText = (index: number) =>
    JSON.stringify(organizationBody(organizationAt(index), true));
  const membershipText = (index: number) =>
    JSON.stringify(membershipBody(membershipAt(index), true));

  /** The numbers of users, the oldest first. */
  const indexesOf = (ids: string[]) =>
    ids.map(userIds.indexOf).filter((index) => index !== null).toSorted((a, b) => a - b);

  return {
    id: INSTANCE_ID,
    user: (id) => textAt(userIds.indexOf(id), userText),
    users: ({ after, ids, ...list }) => {
      const cursor = after === null ? null : userIds.indexOf(after);
      return rangeOf(ids ? indexesOf(ids) : sizes.users, list, cursor).map(userText);
    },
    countUsers: (ids) => ids ? indexesOf(ids).length : sizes.users,
    organization: (id) => textAt(organizationIds.indexOf(id), organizationText),
    organizations: (list) => pageOf(sizes.organizations, list, organizationText),
    memberships: ({ organizationId, userIds: ofUsers, ...list }) => {
      if (organizationId === null && !ofUsers) {
        return pageOf(sizes.memberships, list, membershipText);
      }
      const [organization, users] = [
        organizationId && organizationIds.indexOf(organizationId),
        ofUsers && indexesOf(ofUsers),
      ];
      const some = Array.from({ length: sizes.memberships }, (_, index) => index).filter(
        (index) => {
          const pair = pairOf(index);
          return (organizationId === null || pair.organization === organization) &&
            (!users || users.includes(pair.user));
        },
      );
      return pageOf(some, list, membershipText);
    },
    subscriptionItems: ({ includesFree, ...list }) => {
      if (includesFree) return pageOf(subscriptions, list, itemText);
      const paid = Array.from({ length: subscriptions }, (_, index) => index)
        .filter((index) => !isFree(itemAt(index)));
      return pageOf(paid, list, itemText);
    },
    subscriptionItem: (id) => textAt(itemIds.indexOf(id), itemText),
    subscription: (payerId) => {
      const items = numbersOf(subscriptions, payerId).map(itemAt);
      return items.length > 0 ? JSON.stringify(subscriptionBody(payerId, items)) : null;
    },
    invitations: ({ organizationId, statuses, ...list }) => {
      if (organizationId === null && !statuses) return pageOf(invitations, list, invitationText);
      const all = Array.from({ length: invitations }, (_, index) => index);
      const some = organizationId === null ? all : numbersOf(invitations, organizationId);
      const wanted = some.filter((index) =>
        !statuses || statuses.includes(invitationAt(index).status)
      );
      return pageOf(wanted, list, invitationText);
    },
    invitation: (organizationId, id) => {
      const index = invitationIds.indexOf(id);
      const isThere = index !== null &&
        organizationIds.of(index % sizes.organizations) === organizationId;
      return isThere ? invitationText(index) : null;
    },
  };
}

function textAt(index: number | null, toText: (index: number) => string): string | null {
  return index === null ? null : toText(index);
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

/**
 * Membership number `round * organizations + organization` is the one that this organization gets in this round; its user
 * is `organization * stride + round`, so that no pair occurs twice.
 */
function pairsOf({ users, organizations, memberships }: Sizes) {
  if (Math.ceil(memberships / organizations) > users) {
    throw new RangeError(`${memberships} memberships are more than there are pairs`);
  }
  const stride = Math.max(1, Math.floor(users / organizations));
  return (index: number) => {
    const organization = index % organizations;
    const round = (index - organization) / organizations;
    return { organization, user: (organization * stride + round) % users };
  };
}

/** The ids of one kind of object: as long as Clerk's, in the order of age like those, with the object's number inside. */
interface GeneratedIds {
  of(index: number): string;
  /** Null for an id that is none of these. */
  indexOf(id: string): number | null;
}

/** Ids of `count` objects; another seed gives others. */
function generatedIds(prefix: string, count: number, seed: number): GeneratedIds {
  const start = `${prefix}_generated${String(seed).padStart(10, "0")}`;
  const of = (index: number) => start + String(index).padStart(8, "0");
  return {
    of,
    indexOf: (id) => {
      const index = Number(id.slice(start.length));
      return index < count && of(index) === id ? index : null;
    },
  };
}

/** A number that looks random, the same for the same input. */
function scramble(value: number, seed: number): number {
  let bits = Math.imul(value + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return (bits ^ (bits >>> 15)) >>> 0;
}
