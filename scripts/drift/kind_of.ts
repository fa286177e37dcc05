import type { ClerkApi, Page } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { Element, ObjectType } from "../../supabase/functions/_clerk_sync/sync/elements.ts";
import type { KindName, PageOptions } from "../clerk/kinds.ts";
import type { Portion } from "../clerk/place.ts";
import type { Rpc } from "../project/rpc.ts";
import type { Ask, DriftKind, Known, Row, Sides } from "./drift_kind.ts";

/** What tells one kind from another. `Key`: what Clerk is asked by. */
export interface KindSpec<Item extends { id: string }, Key> {
  name: KindName;
  object: ObjectType;
  /** Reads Clerk's list; `timed` goes around each request for a page. */
  read(
    clerk: ClerkApi,
    pages: PageOptions,
    timed: (request: () => Promise<Page<Item>>) => Promise<Page<Known>>,
  ): AsyncGenerator<Portion<Known>>;
  keyOf(item: Item): Key;
  /** The key as text. */
  textOf(key: Key): string;
  toElement(item: Item, at: string): Element;
  askFor(clerk: ClerkApi, key: Key): Promise<Item | null>;
  rows(rpc: Rpc, after: string | null): Promise<StoredRow<Key>[]>;
}

/** A row that lives here, with its key as Clerk is asked by it. */
export interface StoredRow<Key> extends Omit<Row, "key" | "ask"> {
  key: Key;
}

/** A kind, from what is its own. Whatever is read of Clerk is dated to the time just before the request. */
export function kindOf<Item extends { id: string }, Key>(spec: KindSpec<Item, Key>): DriftKind {
  const { name, object } = spec;

  function toKnown(sides: Sides, item: Item, at: string): Known {
    const key = spec.keyOf(item);
    return {
      id: item.id,
      key: spec.textOf(key),
      element: spec.toElement(item, at),
      ask: askBy(sides, key),
    };
  }

  function askBy(sides: Sides, key: Key): Ask {
    return async () => {
      const at = sides.now().toISOString();
      const item = await spec.askFor(sides.clerk, key);
      return { at, known: item && toKnown(sides, item, at) };
    };
  }

  return {
    name,
    object,
    read: (sides, pages) =>
      spec.read(sides.clerk, pages, async (request) => {
        const at = sides.now().toISOString();
        const { items, total } = await request();
        return { items: items.map((item) => toKnown(sides, item, at)), total };
      }),
    rows: async (sides, after) => {
      const stored = await spec.rows(sides.rpc, after);
      return stored.map((row) => ({
        ...row,
        key: spec.textOf(row.key),
        ask: askBy(sides, row.key),
      }));
    },
  };
}
