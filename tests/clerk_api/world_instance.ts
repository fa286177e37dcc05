import { membershipBody, organizationBody, userBody } from "../../scripts/converge/clerk/bodies.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import {
  isInForce,
  type Membership,
  type MembershipBody,
  type Organization,
  type OrganizationBody,
  type PublicUserData,
  type User,
  type UserBody,
  type World,
} from "../../scripts/converge/clerk/world.ts";
import {
  type ClerkInstance,
  INSTANCE_ID,
  type InvitationQuery,
  type ListQuery,
  type MembershipQuery,
  type Page,
  type UserQuery,
} from "./instance.ts";
import { isFree, listedInvitation, listedItem, payerOf, subscriptionBody } from "./snapshots.ts";
import { WorldChanges } from "./world_changes.ts";

/** A small instance that tests change while it is served. It reads its world anew for every answer. */
export class WorldInstance extends WorldChanges implements ClerkInstance {
  readonly id: string;

  /** Serves the world of a history, or an empty one. */
  constructor(world?: World, { id = INSTANCE_ID, now = Date.now } = {}) {
    super(world ?? simulate([], "none").world, now);
    this.id = id;
    for (const item of this.world.subscriptions) this.items.set(item.id, listedItem(item));
    for (const one of this.world.invitations) {
      const isThere = this.#organizations().some(({ id }) => id === one.organization_id);
      if (isThere) this.invited.set(one.id, listedInvitation(one));
    }
  }

  user(id: string): string | null {
    const user = this.#users().find((one) => one.id === id);
    return user ? JSON.stringify(this.#userBody(user)) : null;
  }

  users({ after, ids, ...list }: UserQuery): string[] {
    const users = inOrder(this.#users(ids), list);
    // Index 0 where there is no cursor.
    const start = users.findIndex(({ id }) => id === after) + 1 + list.offset;
    const page = users.slice(start, start + list.limit);
    return page.map((user) => JSON.stringify(this.#userBody(user)));
  }

  countUsers(ids: string[] | null): number {
    return this.#users(ids).length;
  }

  organization(idOrSlug: string): string | null {
    const bodies = this.#organizations().map((one) => this.#organizationBody(one));
    const body = bodies.find(({ id, slug }) => id === idOrSlug || slug === idOrSlug);
    return body ? JSON.stringify(body) : null;
  }

  organizations(list: ListQuery): Page {
    return page(this.#organizations(), list, (one) => this.#organizationBody(one));
  }

  memberships({ organizationId, userIds, ...list }: MembershipQuery): Page {
    const memberships = this.world.memberships.filter((one) =>
      isInForce(one) &&
      (organizationId === null || one.organization.id === organizationId) &&
      (userIds === null || userIds.includes(one.user.id))
    );
    return page(memberships, list, (one) => this.#membershipBody(one));
  }

  subscriptionItems({ includesFree, ...list }: ListQuery & { includesFree: boolean }): Page {
    const items = [...this.items.values()].filter((item) => includesFree || !isFree(item));
    return page(items, list, (item) => item);
  }

  subscriptionItem(id: string): string | null {
    return textOf(this.items.get(id));
  }

  subscription(payerId: string): string | null {
    const items = [...this.items.values()].filter((item) => payerOf(item) === payerId);
    return items.length > 0 ? JSON.stringify(subscriptionBody(payerId, items)) : null;
  }

  invitations({ organizationId, statuses, ...list }: InvitationQuery): Page {
    const invitations = [...this.invited.values()].filter(({ organization_id, status }) =>
      (organizationId === null || organization_id === organizationId) &&
      (statuses === null || statuses.includes(status))
    );
    return page(invitations, list, (invitation) => invitation);
  }

  invitation(organizationId: string, id: string): string | null {
    const invitation = this.invited.get(id);
    return invitation?.organization_id === organizationId ? textOf(invitation) : null;
  }

  #users(ids: string[] | null = null): User[] {
    return this.world.users.filter(({ id, deletedAt }) =>
      deletedAt === null && (ids === null || ids.includes(id))
    );
  }

  #organizations(): Organization[] {
    return this.world.organizations.filter(({ deletedAt }) => deletedAt === null);
  }

  #userBody(user: User): UserBody {
    return { ...userBody(user), ...this.fieldsOf(user.id) };
  }

  /** The API always names the creator. */
  #organizationBody(organization: Organization): OrganizationBody {
    return { ...organizationBody(organization, true), ...this.fieldsOf(organization.id) };
  }

  #membershipBody(membership: Membership): MembershipBody {
    const { public_user_data, ...body } = membershipBody(membership, true);
    return {
      ...body,
      organization: this.#organizationBody(membership.organization),
      public_user_data: personOf(this.#userBody(membership.user), public_user_data!),
      ...this.fieldsOf(membership.id),
    };
  }
}

function textOf(body: object | undefined): string | null {
  return body ? JSON.stringify(body) : null;
}

/** What a membership tells of its user, with the changes made by hand. */
function personOf(user: UserBody, person: PublicUserData): PublicUserData {
  const { first_name, last_name, image_url, username, banned, deprovisioned } = user;
  const names = { first_name, last_name, image_url, username };
  const primary = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
  const identifier = primary?.email_address ?? username ?? person.identifier;
  return { ...person, ...names, banned, deprovisioned, identifier };
}

function page<Item extends { created_at: number }>(
  items: Item[],
  list: ListQuery,
  toBody: (item: Item) => object,
): Page {
  const some = inOrder(items, list).slice(list.offset, list.offset + list.limit);
  return { items: some.map((item) => JSON.stringify(toBody(item))), total: items.length };
}

function inOrder<Item extends { created_at: number }>(
  items: Item[],
  { isAscending }: ListQuery,
): Item[] {
  const oldestFirst = items.toSorted((a, b) => a.created_at - b.created_at);
  return isAscending ? oldestFirst : oldestFirst.reverse();
}

/** The fields of a user whose only address this is. Clerk's client reads none without `linked_to`. */
export function withEmail(
  address: string,
): Pick<UserBody, "primary_email_address_id" | "email_addresses"> {
  const email = { id: `idn_${address}`, email_address: address, linked_to: [] };
  return { primary_email_address_id: email.id, email_addresses: [email] };
}
