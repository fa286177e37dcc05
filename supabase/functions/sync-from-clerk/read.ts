import {
  type ClerkApi,
  ClerkApiError,
  type Page,
  PAGE_LIMIT,
  type Range,
} from "../_clerk_sync/clerk/api.ts";
import type { OwnerFilter, StoredMembership, SyncDatabase } from "../_clerk_sync/sync/database.ts";

/**
 * Memberships of one user or organization that one request can compare: a worker of the Edge Runtime has two seconds of CPU in
 * all. More are for `npm run drift`.
 */
export const MEMBERSHIP_LIMIT = 1_000;

/** There is more to compare, or to ask for, than one request can. */
export class TooLargeError extends Error {
  override name = "TooLargeError";
}

/** Reads all pages of a list. What moves while it is read may be missed or come twice: it comes once in the result. */
export async function readAll<Item extends { id: string }>(
  read: (range: Range) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items = new Map<string, Item>();
  for (let offset = 0;; offset += PAGE_LIMIT) {
    const page = await read({ limit: PAGE_LIMIT, offset });
    if (page.total > MEMBERSHIP_LIMIT) throw new TooLargeError();
    for (const item of page.items) items.set(item.id, item);
    if (page.items.length < PAGE_LIMIT) return [...items.values()];
  }
}

/** Reads the memberships that live here, of one user or organization. */
export async function readStored(
  database: SyncDatabase,
  filter: OwnerFilter,
): Promise<StoredMembership[]> {
  const stored = await database.memberships(filter, MEMBERSHIP_LIMIT);
  if (stored.length > MEMBERSHIP_LIMIT) throw new TooLargeError();
  return stored;
}

/**
 * Whether a user or an organization lives here: it is compared with something that nothing is like. What does not live here
 * can't be deleted, and need not be remembered.
 */
export async function isAlive(
  database: SyncDatabase,
  object: "user" | "organization",
  id: string,
  at: string,
): Promise<boolean> {
  const [row] = await database.compare(object, [
    { p_external_id: id, p_updated_at: at, p_event_at: at },
  ]);
  return row?.kind !== "missing" && row?.kind !== "deleted";
}

/** Refuses a list that holds what was not asked for: nobody may sync others by a wrong answer of Clerk's. */
export function assertAsked<Item>(items: Item[], isAsked: (item: Item) => boolean): void {
  if (!items.every(isAsked)) throw new ClerkApiError("invalid_answer", "not what was asked for");
}

/**
 * Requests to Clerk that one call may cost: an organization of a thousand is read with some thirty, and what differs is asked
 * for one by one. Clerk allows a production instance a thousand in ten seconds, a development instance a hundred.
 */
export const CLERK_REQUEST_LIMIT = 200;

/** Clerk for `requests` requests. The next one rejects with a TooLargeError. */
export function withBudget(clerk: ClerkApi, requests: number): ClerkApi {
  let left = requests;
  const limited = <Arguments extends unknown[], Answer>(
    ask: (...args: Arguments) => Promise<Answer>,
    cost = 1,
  ) =>
  async (...args: Arguments) => {
    if (left < cost) throw new TooLargeError();
    left -= cost;
    return await ask(...args);
  };

  return {
    instanceId: limited(clerk.instanceId),
    user: limited(clerk.user),
    organization: limited(clerk.organization),
    // Clerk's client counts the users with each page of them.
    users: limited(clerk.users, 2),
    usersById: limited(clerk.usersById, 2),
    organizations: limited(clerk.organizations),
    memberships: limited(clerk.memberships),
    membershipsOfUser: limited(clerk.membershipsOfUser),
    membershipsOfOrganization: limited(clerk.membershipsOfOrganization),
    membership: limited(clerk.membership),
    subscriptionItems: limited(clerk.subscriptionItems),
    subscriptionItem: limited(clerk.subscriptionItem),
    subscriptionOf: limited(clerk.subscriptionOf),
    invitations: limited(clerk.invitations),
    pendingInvitations: limited(clerk.pendingInvitations),
    invitation: limited(clerk.invitation),
  };
}
