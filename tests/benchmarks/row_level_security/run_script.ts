import type { Sql } from "postgres";
import { vacuum } from "../rpcs/fill.ts";

/** Runs a script of this folder with these in the places of their names, and leaves tables as autovacuum would after a while. */
export async function runScript(
  sql: Sql,
  file: string,
  values: Record<string, string | number>,
  tables: string[],
): Promise<void> {
  const script = Object.entries(values).reduce(
    (text, [name, value]) => text.replaceAll(`:${name}`, String(value)),
    await Deno.readTextFile(new URL(file, import.meta.url)),
  );
  await sql.begin((sql) => sql.unsafe(script).simple());
  // Until every page is marked as visible to all, index-only scans would still look at the rows.
  for (const table of tables) await vacuum(sql, `public.${table}`);
}
