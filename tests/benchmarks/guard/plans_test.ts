/** No RPC reads a table whole: what an event costs does not grow with what is stored. */
import assert from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { insertRows } from "../growth/fill.ts";
import { FILLED_TABLES } from "../growth/filled_rows.ts";
import { measureWrites } from "../growth/write_amplification.ts";
import { callsOfStory, INSTANCE_ID } from "./calls.ts";

/** Users, memberships and events. */
const FILLED = 20_000;

/** A connection keeps its plans until the next analyze: how many rows it made them for. */
const PLANNED_FOR = [0, 50, FILLED];

Deno.test("no RPC reads a table whole, whenever its plans were made", async (t) => {
  await using stack = await startTemporaryStack();
  const connect = (dbUrl = stack.env.DB_URL) => postgres(dbUrl, { max: 1, onnotice: () => {} });
  const filler = connect(stack.superuserUrl);
  for (const [index, count] of PLANNED_FOR.entries()) {
    await t.step(`by plans for ${count} rows`, async () => {
      const sql = connect();
      try {
        await filler.unsafe(`truncate ${FILLED_TABLES.map(({ name }) => name).join()}`);
        await insertRows(filler, { to: count });
        if (count > 0) await filler`analyze`;
        await sql`select public.bind_instance(${INSTANCE_ID})`;
        await readWhole(sql, FILLED + 2 * index);
        await insertRows(filler, { from: count, to: FILLED });
        assert.deepEqual(await readWhole(sql, FILLED + 2 * index + 1), {});
      } finally {
        await sql.end();
      }
    });
  }
  await filler.end();
});

/** The tables that each call of a telling reads whole. */
async function readWhole(sql: Sql, telling: number): Promise<Record<string, string[]>> {
  const whole: Record<string, string[]> = {};
  for (const [name, call] of callsOfStory(telling)) {
    const [writes] = await measureWrites(sql, [call]);
    const tables = Object.entries(writes!.tables)
      .filter(([, { sequentialScans }]) => sequentialScans > 0)
      .map(([table]) => table);
    if (tables.length > 0) whole[name] = tables;
  }
  return whole;
}
