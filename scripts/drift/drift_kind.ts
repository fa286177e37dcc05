import type { ClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { SyncDatabase } from "../../supabase/functions/_clerk_sync/sync/database.ts";
import type { Element, ObjectType } from "../../supabase/functions/_clerk_sync/sync/elements.ts";
import type { Finding } from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import type { KindName, PageOptions } from "../clerk/kinds.ts";
import type { Portion } from "../clerk/place.ts";
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
