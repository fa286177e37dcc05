import { ClerkApiError, type Page } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { BEGINNING, type Place, placeBehind, type Portion, restartCounter } from "./place.ts";

/** How a list is read by cursor. */
export interface CursorReading<Item> {
  list: string;
  /** Asks for the rows after the one with this id. */
  fetch: (after: string | null) => Promise<Page<Item>>;
}

/**
 * Reads a list by cursor, from a place on. The next page is asked for while the one before is being used. The end is an
 * empty page: a short one proves nothing.
 */
export async function* readByCursor<Item extends { id: string }>(
  { list, fetch }: CursorReading<Item>,
  from: Place,
): AsyncGenerator<Portion<Item>> {
  const countRestart = restartCounter(list);
  let place = from;
  let next = fetchBehind(fetch, place);
  for (;;) {
    const page = await next;
    if (page.isAnew) {
      countRestart();
      place = BEGINNING;
    }
    const { items, total } = page;
    if (items.length === 0) return;
    const ids = items.map(({ id }) => id);
    place = placeBehind(place.rows + items.length, [...place.lastIds, ...ids]);
    next = fetchBehind(fetch, place);
    // Whether anyone will wait for it is not known yet.
    next.catch(() => {});
    yield { items, total, place };
  }
}

interface PageBehind<Item> extends Page<Item> {
  /** Whether it is the list's first page, because no row of the place is there any more. */
  isAnew: boolean;
}

/** Clerk refuses a cursor whose row is gone: the last one that is still there leads to the same rows. */
async function fetchBehind<Item>(
  fetch: CursorReading<Item>["fetch"],
  { lastIds }: Place,
): Promise<PageBehind<Item>> {
  for (const id of lastIds.toReversed()) {
    try {
      return { ...await fetch(id), isAnew: false };
    } catch (error) {
      if (!(error instanceof ClerkApiError) || error.failure !== "refused") throw error;
    }
  }
  return { ...await fetch(null), isAnew: lastIds.length > 0 };
}
