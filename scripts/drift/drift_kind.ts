import type { ClerkApi, Page } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { SyncDatabase } from "../../supabase/functions/_clerk_sync/sync/database.ts";
import type { Element, ObjectType } from "../../supabase/functions/_clerk_sync/sync/elements.ts";
import type { Finding } from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import type { KindName, PageOptions } from "../clerk/kinds.ts";
import type { Portion } from "../clerk/reading.ts";
import type { Rpc } from "../project/rpc.ts";

/** The two sides, and the clock. */
export interface Sides {
  clerk: ClerkApi;
  rpc: Rpc;
  database: SyncDatabase;
  now: () => Date;
}

/** Asks Clerk for one object alone. `at`: just before it was asked. `known`: null when Clerk does not have it. */
export type Ask = () => Promise<{ at: string; known: Known | null }>;

/** An object that Clerk has. */
export interface Known {
  id: string;
  /** What its row is recognised by: the id or, of a membership, `org_…:user_…`. */
  key: string;
  element: Element;
  ask: Ask;
}

/** Whose membership, and where: Clerk ids. */
export interface Pair {
  organizationId: string;
  userId: string;
}

/** A row that lives here. */
export interface Row {
  key: string;
  /** Where the next page of rows begins. */
  after: string;
  /** Of a membership, its organization and its user: it is nothing without them. */
  pair: Pair | null;
  ask: Ask;
  /** What it is when Clerk, asked at that time, did not have it. */
  extra: (at: string) => Finding;
}

/** A kind of object: how both sides list it, and how Clerk is asked for one alone. */
export interface DriftKind {
  name: KindName;
  object: ObjectType;
  /** All that Clerk has. */
  read(sides: Sides, pages: PageOptions): AsyncGenerator<Portion<Known>>;
  /** A page of what lives here; an empty one is the end. */
  rows(sides: Sides, after: string | null): Promise<Row[]>;
}

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
