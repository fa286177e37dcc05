import { mapLimited } from "../async.ts";
import type { ComparedRow, SyncDatabase } from "./database.ts";
import type { Element, ObjectType } from "./elements.ts";
import type { Difference, Finding } from "./finding.ts";

/** Requests to Clerk at once. */
export const CLERK_CONCURRENCY = 4;

/** Asks Clerk for one object again; null when it is gone by now. */
export type Reread = (clerkId: string) => Promise<Element | null>;

/**
 * Compares elements with the rows here. A row that claims to be newer, or deleted, may simply be so, for a webhook was faster
 * than this reading: that object is asked for again, and only a row that is so even then is a difference.
 */
export async function compare(
  database: SyncDatabase,
  object: ObjectType,
  elements: Element[],
  reread: Reread,
): Promise<Finding[]> {
  const rows = await database.compare(object, elements);
  const doubtful = rows.filter(isDoubtful);
  const again = await mapLimited(
    doubtful,
    CLERK_CONCURRENCY,
    ({ external_id }) => reread(external_id),
  );
  // What is gone by now has its own webhook under way.
  const alive = again.filter((element) => element !== null);
  const rowsAgain = await database.compare(object, alive);

  const settled = rows.filter((row) => !isDoubtful(row));
  return [...findingsOf(object, settled, elements), ...findingsOf(object, rowsAgain, alive)];
}

function isDoubtful({ kind }: ComparedRow): boolean {
  return kind === "newer" || kind === "deleted";
}

function findingsOf(object: ObjectType, rows: ComparedRow[], elements: Element[]): Finding[] {
  const byId = new Map(elements.map((element) => [element.p_external_id, element]));
  return rows.flatMap((row) => {
    const element = byId.get(row.external_id);
    return element ? [findingOf(object, row, element)] : [];
  });
}

function findingOf(object: ObjectType, row: ComparedRow, element: Element): Finding {
  const difference: Difference = {
    object,
    clerkId: row.external_id,
    kind: row.kind === "newer" ? "different" : row.kind,
    fields: row.fields,
  };
  if (row.kind === "deleted") return { kind: "irreparable", difference };
  const p_updated_at = later(element.p_updated_at, row.updated_at);
  return { kind: "write", difference, element: { ...element, p_updated_at } };
}

/** A call by hand may have put the row ahead of Clerk: what Clerk says now is newer all the same. */
function later(atClerk: string | null, here: string | null): string | null {
  if (!atClerk || !here) return atClerk ?? here;
  return Date.parse(here) >= Date.parse(atClerk) ? here : atClerk;
}
