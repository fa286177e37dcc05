/**
 * Fills a stack's database: users with an event each in the ledger, an organization for every ten of them, a membership of
 * each, and all registers. Nothing is left out that the RPCs would leave, but it takes seconds where they take hours.
 */
import type { Sql } from "postgres";
import { work } from "../../../scripts/converge/schedule.ts";
import { MEMBERS_OF_EACH } from "./filled_ids.ts";
import { FILLED_TABLES } from "./filled_rows.ts";

/** Which users. */
export interface FillOptions {
  /** So many are there from an earlier fill. */
  from?: number;
  /** So many there are afterwards. */
  to: number;
  signal?: AbortSignal | undefined;
}

/** Tables at once: one for each core of a small machine. */
const CONCURRENCY = 2;

const BATCH = 250_000;

const VACUUM_TRIES = 50;

/** They signed up evenly over so many milliseconds up to now. */
const SPAN_MS = 90 * 86_400_000;

/**
 * Inserts everything, and leaves tables and indexes as autovacuum would after a while. Nobody else may write meanwhile; when
 * it fails, the database is of no further use.
 */
export async function fill(sql: Sql, options: FillOptions): Promise<void> {
  const names = FILLED_TABLES.map(({ name }) => name);
  // Not ready, an index is not written to; nothing is dropped, so that building it again restores it exactly.
  await sql`
    update pg_index
    set indisready = false, indisvalid = false
    where indrelid = any(${names}::regclass[])
  `;
  await insertRows(sql, options);
  await work(names, CONCURRENCY, async (name) => {
    options.signal?.throwIfAborted();
    await vacuum(sql, name);
    await reindex(sql, name);
  });
  // What is measured afterwards is not to wait for what is still to be written of this.
  await sql`checkpoint`;
}

/** Again, while a transaction that began before keeps some page from being marked as visible to all. */
async function vacuum(sql: Sql, table: string): Promise<void> {
  for (let tries = 0; tries < VACUUM_TRIES; tries++) {
    await sql.unsafe(`vacuum (analyze, buffer_usage_limit 0) ${table}`);
    const [row] = await sql`
      select relallvisible = relpages as is_done from pg_class where oid = ${table}::regclass
    `;
    if (row?.is_done) return;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error(`a transaction that does not end keeps ${table} from being vacuumed`);
}

async function reindex(sql: Sql, table: string): Promise<void> {
  await sql.begin(async (sql) => {
    await sql`set local maintenance_work_mem = '1GB'`;
    await sql.unsafe(`reindex table ${table}`);
  });
}

/** Inserts everything, and no more than that. */
export async function insertRows(sql: Sql, { from = 0, to, signal }: FillOptions): Promise<void> {
  if (from % MEMBERS_OF_EACH !== 0 || to % MEMBERS_OF_EACH !== 0) {
    throw new RangeError(`users come by ${MEMBERS_OF_EACH}, an organization's members`);
  }
  const stepMs = SPAN_MS / (to - from);
  const beginsAt = Date.now() - SPAN_MS;
  const firsts = Array.from({ length: Math.ceil((to - from) / BATCH) }, (_, n) => from + n * BATCH);
  const batches = FILLED_TABLES.flatMap(({ insert }) =>
    firsts.map((first) => {
      const at = new Date(beginsAt + (first - from) * stepMs);
      return { insert, values: [first + 1, Math.min(first + BATCH, to), at, stepMs] };
    })
  );
  await work(batches, CONCURRENCY, async ({ insert, values }) => {
    signal?.throwIfAborted();
    await sql.begin(async (sql) => {
      // Whom a row refers to may come later: the triggers of foreign keys are off.
      await sql`set local session_replication_role = replica`;
      await sql`set local synchronous_commit = off`;
      await sql.unsafe(insert, values);
    });
  });
}
