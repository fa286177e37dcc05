import type { Page, Range } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { BEGINNING, type Place, placeBehind, type Portion, restartCounter } from "./place.ts";

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
