import type { Portion } from "../../scripts/clerk/reading.ts";
import {
  ClerkApiError,
  type Page,
  type Range,
} from "../../supabase/functions/_clerk_sync/clerk/api.ts";

/** A row of a list in these tests. */
export interface Row {
  id: string;
}

/** A list as Clerk keeps it, oldest row first, of which rows vanish while it is read. */
export class MovingList {
  rows: Row[];
  requests = 0;
  /** Rows on a page at most, whatever is asked for. */
  cap = Infinity;
  /** Called before each answer. */
  onRequest: (requests: number) => void = () => {};

  constructor(count: number) {
    this.rows = Array.from({ length: count }, (_, index) => ({ id: `row_${index}` }));
  }

  delete(...ids: string[]): void {
    this.rows = this.rows.filter(({ id }) => !ids.includes(id));
  }

  byOffset = ({ limit, offset }: Range): Promise<Page<Row>> => {
    this.onRequest(++this.requests);
    return Promise.resolve({
      items: this.rows.slice(offset, offset + Math.min(limit, this.cap)),
      total: this.rows.length,
    });
  };

  /** Like Clerk's: a cursor whose row is gone is refused. */
  byCursor = (limit: number) => async (after: string | null): Promise<Page<Row>> => {
    this.onRequest(++this.requests);
    const start = after === null ? 0 : this.rows.findIndex(({ id }) => id === after) + 1;
    if (after !== null && start === 0) throw new ClerkApiError("refused", "422, no such cursor");
    return await Promise.resolve({
      items: this.rows.slice(start, start + Math.min(limit, this.cap)),
      total: this.rows.length,
    });
  };
}

/** The ids of all rows that a reading gives, in their order. */
export async function idsOf(portions: AsyncIterable<Portion<Row>>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { items } of portions) ids.push(...items.map(({ id }) => id));
  return ids;
}

/** `row_from` to before `row_to`. */
export function idsFrom(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `row_${from + index}`);
}
