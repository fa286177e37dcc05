import { type Page, PAGE_LIMIT, type Range } from "../_clerk_sync/clerk/api.ts";
import type {
  MembershipFilter,
  StoredMembership,
  SyncDatabase,
} from "../_clerk_sync/sync/database.ts";

/**
 * Memberships of one user or organization that one request can compare: a worker of the Edge Runtime has two seconds of CPU in
 * all. More are for `npm run drift`.
 */
export const MEMBERSHIP_LIMIT = 1_000;

/** There is more to compare than one request can. */
export class TooManyMembershipsError extends Error {
  override name = "TooManyMembershipsError";
}

/** Reads all pages of a list. What moves while it is read may be missed or come twice: it comes once in the result. */
export async function readAll<Item extends { id: string }>(
  read: (range: Range) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items = new Map<string, Item>();
  for (let offset = 0;; offset += PAGE_LIMIT) {
    const page = await read({ limit: PAGE_LIMIT, offset });
    if (page.total > MEMBERSHIP_LIMIT) throw new TooManyMembershipsError();
    for (const item of page.items) items.set(item.id, item);
    if (page.items.length < PAGE_LIMIT) return [...items.values()];
  }
}

/** Reads the memberships that live here, of one user or organization. */
export async function readStored(
  database: SyncDatabase,
  filter: MembershipFilter,
): Promise<StoredMembership[]> {
  const stored = await database.memberships(filter, MEMBERSHIP_LIMIT);
  if (stored.length > MEMBERSHIP_LIMIT) throw new TooManyMembershipsError();
  return stored;
}
