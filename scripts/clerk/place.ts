import * as z from "zod/mini";

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
