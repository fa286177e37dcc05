import { Buffer } from "node:buffer";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Sql } from "postgres";

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
  for (const { path, content } of filesOf(gunzipSync(await Deno.readFile(file)))) {
    if (INSTALL_SCRIPT.test(path)) return content.toString();
  }
  throw new Error(`there is no install script of pgTAP in ${file}`);
}

const BLOCK = 512;

/**
 * The files of a tar archive, by the fields that every form of it has: the name, and the size in octal digits.
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
function* filesOf(archive: Buffer): Iterable<{ path: string; content: Buffer }> {
  for (let at = 0; at < archive.length;) {
    const text = (from: number, to: number) =>
      archive.toString("latin1", at + from, at + to).split("\0")[0]!;
    const begin = at + BLOCK;
    const size = parseInt(text(124, 136), 8) || 0;
    yield { path: text(0, 100), content: archive.subarray(begin, begin + size) };
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
}
