/** How Clerk's lists are read, by cursor or by offset, while rows come and go, and gone on with behind any page. */
import * as z from "zod/mini";
import {
  ClerkApiError,
  type Page,
  type Range,
} from "../../supabase/functions/_clerk_sync/clerk/api.ts";

/** So many ids of the last rows are kept: one of them still being there is enough to find the place again. */
const KEPT_IDS = 50;

/** How far a list of Clerk's was read. */
export const Place = z.object({
  /** So many rows lie up to here, as of the last page. */
  rows: z.int().check(z.gte(0)),
  /** Ids of the last of them, the last one last. */
  lastIds: z.array(z.string()),
});

/** How far a list of Clerk's was read. */
export type Place = z.infer<typeof Place>;

/** Before the first row. */
export const BEGINNING: Place = { rows: 0, lastIds: [] };

/** The place behind so many rows, of which these ids are the last. */
export function placeBehind(rows: number, ids: string[]): Place {
  return { rows, lastIds: ids.slice(-KEPT_IDS) };
}

/** What one page adds to what was read before. */
export interface Portion<Item> {
  /** Rows that were not read before; one at least. */
  items: Item[];
  /** How many rows the list holds in all, as of this page. */
  total: number;
  /** The place behind them. */
  place: Place;
}

/** A list may begin anew this often: more often means that it never ends. */
const RESTARTS = 3;

/** Counts how often a list had to be begun anew, for nothing of what was read last is there any more. */
export function restartCounter(list: string): () => void {
  let restarts = 0;
  return () => {
    restarts++;
    if (restarts > RESTARTS) throw new EndlessListError(list);
  };
}

/** Clerk's pages of a list don't fit together. */
export class EndlessListError extends Error {
  override name = "EndlessListError";

  constructor(readonly list: string) {
    super(`Clerk's pages of ${list} don't fit together`);
  }
}

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

/** How a list is read by offset. */
export interface OffsetReading<Item> {
  list: string;
  fetch: (range: Range) => Promise<Page<Item>>;
  /** Rows on a page, two at least. */
  limit: number;
  /** Pages that are asked for at once. */
  concurrency: number;
}

/**
 * Reads a list by offset, oldest row first, from a place on. When an older row is deleted meanwhile, all later ones move
 * up, and plain paging would skip some. So every page begins with the last row of the one before; a page without any
 * known row has moved, and is asked for again further up. Several pages are under way at once and used in order.
 */
export async function* readByOffset<Item extends { id: string }>(
  { list, fetch, limit, concurrency }: OffsetReading<Item>,
  from: Place,
): AsyncGenerator<Portion<Item>> {
  const step = limit - 1;
  const countRestart = restartCounter(list);
  const asked = new Map<number, Promise<Page<Item>>>();
  let place = from;
  let offset = Math.max(0, place.rows - 1);
  let total = 0;
  for (;;) {
    for (const wanted of [offset, ...followers(offset, step, total, concurrency)]) {
      if (!asked.has(wanted)) asked.set(wanted, unwatched(fetch({ limit, offset: wanted })));
    }
    const page = await asked.get(offset)!;
    asked.delete(offset);
    total = page.total;
    const isKnown = ({ id }: Item) => place.lastIds.includes(id);
    const [first, last] = [page.items.findIndex(isKnown), page.items.findLastIndex(isKnown)];

    if (first < 0 && offset > 0) {
      asked.clear();
      offset = Math.max(0, offset - step);
      continue;
    }
    if (first < 0 && place.lastIds.length > 0) {
      countRestart();
      place = BEGINNING;
    }
    const items = page.items.slice(first + 1).filter((item) => !isKnown(item));
    if (items.length === 0 && last <= 0) return;
    // The last known row is where the next page begins, however short this one is.
    offset += items.length > 0 ? page.items.length - 1 : last;
    for (const begun of asked.keys()) {
      if (begun < offset || (begun - offset) % step !== 0) asked.delete(begun);
    }
    if (items.length === 0) continue;
    place = placeBehind(offset + 1, [...place.lastIds, ...items.map(({ id }) => id)]);
    yield { items, total, place };
  }
}

/** Where the pages after this one begin, as far as the list is known to go. */
function followers(offset: number, step: number, total: number, concurrency: number): number[] {
  return Array.from({ length: concurrency - 1 }, (_, index) => offset + (index + 1) * step)
    .filter((later) => later < total - 1);
}

/** A page that was asked for ahead may be needed no more by the time that it fails. */
function unwatched<Answer>(promise: Promise<Answer>): Promise<Answer> {
  promise.catch(() => {});
  return promise;
}
