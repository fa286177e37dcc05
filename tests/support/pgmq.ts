import type { Sql } from "postgres";
import { readInstallScript } from "../../scripts/stack/extension_archive.ts";

/**
 * Makes, as a database's superuser, what `create extension pgmq` does on Supabase: the schema is not `postgres`'s, what is in
 * it is, and no role of the API may use it.
 */
export async function installPgmq(superuser: Sql): Promise<void> {
  const source = await readInstallScript("pgmq");
  await superuser.begin(async (sql) => {
    await sql`create schema pgmq`;
    await sql`grant all on schema pgmq to postgres with grant option`;
    await sql`set local role postgres`;
    await sql.unsafe(source).simple();
  });
}

/** What the Dashboard runs for "Expose Queues via PostgREST", as far as consumers need it. */
export const EXPOSE_QUEUES = Deno.readTextFileSync(new URL("pgmq_public.sql", import.meta.url));
