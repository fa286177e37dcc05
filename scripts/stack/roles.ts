import type { Sql } from "postgres";

/** Gives a database the roles, schemas and default privileges of a Supabase database. */
export async function prepareDatabase(sql: Sql): Promise<void> {
  await sql.unsafe(Deno.readTextFileSync(new URL("roles.sql", import.meta.url))).simple();
}
