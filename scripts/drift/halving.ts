import { DatabaseError } from "../../supabase/functions/_clerk_sync/sync/database.ts";

/**
 * Does something with all items at once. When the database refuses, they are halved, until what it refuses is alone and is
 * given to `refused`: the rest goes on.
 */
export async function halving<Item, Result>(
  items: Item[],
  act: (items: Item[]) => Promise<Result[]>,
  refused: (item: Item, code: string) => Result[],
): Promise<Result[]> {
  const [only, ...others] = items;
  if (!only) return [];
  try {
    return await act(items);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.failure.kind !== "refused") throw error;
    if (others.length === 0) return refused(only, error.failure.code);
    const middle = Math.ceil(items.length / 2);
    const first = await halving(items.slice(0, middle), act, refused);
    return [...first, ...await halving(items.slice(middle), act, refused)];
  }
}
