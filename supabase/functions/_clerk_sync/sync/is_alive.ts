import type { SyncDatabase } from "./database.ts";

/**
 * Whether a user or an organization lives here: it is compared with something that nothing is like. What does not live here
 * can't be deleted, and need not be remembered.
 */
export async function isAlive(
  database: SyncDatabase,
  object: "user" | "organization",
  id: string,
  at: string,
): Promise<boolean> {
  const [row] = await database.compare(object, [
    { p_external_id: id, p_updated_at: at, p_event_at: at },
  ]);
  return row?.kind !== "missing" && row?.kind !== "deleted";
}
