import { join } from "node:path";
import type { Sql } from "postgres";
import { list } from "tar";

/**
 * Makes pgTAP usable in a database for test files that `set search_path = public, extensions`. Its SQL is run
 * as it is, for `create extension` would need its files among PostgreSQL's own.
 */
export async function installPgtap(sql: Sql): Promise<void> {
  const [found] =
    await sql`select to_regprocedure('extensions.plan(integer)') is not null as there`;
  if (found?.there) return;
  const source = await readArchive();
  await sql.begin(async (transaction) => {
    await transaction`create schema if not exists extensions`;
    await transaction`grant usage on schema extensions to public`;
    await transaction`set local search_path = extensions`;
    await transaction.unsafe(source).simple();
  });
}

/** The install script of one version, and not those that upgrade from one to the next. */
const INSTALL_SCRIPT = /\/pgtap--\d+\.\d+\.\d+\.sql$/;

async function readArchive(): Promise<string> {
  const modules = join(import.meta.dirname!, "..", "..", "node_modules");
  const file = join(modules, "@electric-sql", "pglite-pgtap", "dist", "pgtap.tar.gz");
  const parts: Uint8Array[] = [];
  await list({
    file,
    filter: (path) => INSTALL_SCRIPT.test(path),
    onReadEntry: (entry) => entry.on("data", (part: Uint8Array) => parts.push(part)),
  });
  return await new Blob(parts as BlobPart[]).text();
}
