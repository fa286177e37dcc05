/** The least functions bound the RPCs only as long as they write the same rows. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { asSuperuser } from "../../support/as_superuser.ts";
import { changesOf } from "../growth/changes.ts";
import { fill } from "../growth/fill.ts";
import { measureWrites, type TableWrites } from "../growth/write_amplification.ts";
import { openDatabase } from "../open_database.ts";

const USERS = 1_000;
const CALLS = 5;

Deno.test("the least functions write the rows that the RPCs write", async (t) => {
  await using stack = await startTemporaryStack();
  await using db = openDatabase(stack.env.DB_URL, new AbortController().signal);
  await asSuperuser(stack.superuserUrl, (superuser) => fill(superuser, { to: USERS }));
  await db.unsafe(await Deno.readTextFile(join(import.meta.dirname!, "least.sql")));

  const ours = await tablesWritten(db, "public");
  const least = await tablesWritten(db, "least");
  for (const [name, calls] of Object.entries(least)) {
    await t.step(name, () => {
      assert.ok(calls.every((tables) => Object.keys(tables).length === 3));
      assert.deepEqual(calls, ours[name]);
    });
  }
});

/** By RPC, for each of the same calls. */
async function tablesWritten(
  sql: Sql,
  schema: string,
): Promise<Record<string, Record<string, TableWrites>[]>> {
  const written: Record<string, Record<string, TableWrites>[]> = {};
  for (const [name, calls] of Object.entries(changesOf(USERS, CALLS, 1))) {
    const writes = await measureWrites(sql, calls, schema);
    written[name] = writes.map(({ tables }) => tables);
    // Whether there is room on a row's page for its next version is chance.
    for (const table of writes.flatMap(({ tables }) => Object.values(tables))) table.hotUpdated = 0;
  }
  await sql`delete from clerk_sync.events where event_id like 'msg_change_%'`;
  return written;
}
