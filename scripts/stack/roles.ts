import type { Sql } from "postgres";

/** Who may do everything. Hosted that is Supabase itself, and what people log in as is not. */
export const SUPERUSER = "supabase_admin";

/** The same database, as another of its roles; those that log in have one password. */
export function loginUrl(dbUrl: string, role: string): string {
  const url = new URL(dbUrl);
  url.username = role;
  return url.href;
}

/** Gives a database, as its superuser, the roles, schemas and privileges of a Supabase database. */
export async function prepareDatabase(sql: Sql): Promise<void> {
  await sql.unsafe(Deno.readTextFileSync(new URL("roles.sql", import.meta.url))).simple();
}
