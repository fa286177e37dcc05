import type { Sql } from "postgres";
import { readInstallScript } from "./extension_archive.ts";

/**
 * Makes pgTAP usable in a database for test files that `set search_path = public, extensions`. Its SQL is run
 * as it is, for `create extension` would need its files among PostgreSQL's own.
 */
export async function installPgtap(sql: Sql): Promise<void> {
  const [found] =
    await sql`select to_regprocedure('extensions.plan(integer)') is not null as there`;
  if (found?.there) return;
  const source = await readInstallScript("pgtap");
  await sql.begin(async (transaction) => {
    await transaction`create schema if not exists extensions`;
    await transaction`grant usage on schema extensions to public`;
    await transaction`set local search_path = extensions`;
    await transaction.unsafe(source).simple();
  });
}
