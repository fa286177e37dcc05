/**
 * How fast the questions about the sync are answered when the ledger is large, and what counting costs.
 *
 *   node scripts/deno.mjs run -A tests/benchmarks/sync_status.ts [--rows N]
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import postgres, { type Sql } from "postgres";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { rows: { type: "string", default: "10000000" } },
});
const ROWS = Number(values.rows);
const BATCH = 500_000;

/** So often is each question asked. */
const TIMES = 50;

const QUESTIONS = {
  "sync_status()": "select public.sync_status()",
  "sync_metrics()": "select public.sync_metrics()",
  "event_series(60)": "select * from public.event_series(60)",
  "list_events(), newest": "select * from public.list_events()",
  "list_events(), open": "select * from public.list_events('{failed,rejected}')",
  "list_events(), a user": "select * from public.list_events(p_clerk_id => 'user_77777')",
  "row_counts()": "select public.row_counts()",
};

await using stack = await startTemporaryStack();
const sql = postgres(stack.env.DB_URL, { max: 1, onnotice: () => {} });
try {
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Deno ${Deno.version.deno}`);
  console.log(`${ROWS} rows, 90 days`);
  await fill(sql);
  const counting = await countAll(sql);
  console.log(`counted by ${counting.length} questions, ${Math.max(...counting)} ms at most\n`);
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const times: number[] = [];
    for (let n = 0; n < TIMES; n++) times.push(await milliseconds(sql, question));
    times.sort((a, b) => a - b);
    const [median, p95, most] = [times[TIMES / 2], times[Math.floor(TIMES * 0.95)], times.at(-1)];
    console.log(`${name.padEnd(24)} median ${median} ms, p95 ${p95} ms, most ${most} ms`);
  }
} finally {
  await sql.end();
}

/** A ledger of 90 days up to now: mostly applied, some stale, a few failed for good. */
async function fill(sql: Sql): Promise<void> {
  await sql`set synchronous_commit = off`;
  for (let from = 0; from < ROWS; from += BATCH) {
    await sql`
      insert into clerk_sync.events (
        event_id, event_type, object_id, event_at, first_received_at, last_received_at, outcome, outcome_at, apply_us,
        error_code
      )
      select
        'msg_' || n,
        (array['user.created', 'user.updated', 'organizationMembership.created', 'session.created'])[1 + n % 4],
        'user_' || n % 200000,
        t - interval '300 ms', t, t,
        case when n % 100000 = 1 then 'failed' when n % 50 = 0 then 'stale' else 'applied' end::clerk_sync.event_outcome,
        t,
        case when n % 100000 = 1 then null else 3000 + n % 4000 end,
        case when n % 100000 = 1 then '57014' end
      from generate_series(${from}::integer, ${Math.min(from + BATCH, ROWS) - 1}::integer) n
      cross join lateral (select now() - interval '90 days' * (1 - n::float8 / ${ROWS}::float8)) at (t)
    `;
  }
  await sql`vacuum analyze clerk_sync.events`;
}

/** A ledger that nobody has asked about yet is counted by the first ones who ask: how long each of them waits. */
async function countAll(sql: Sql): Promise<number[]> {
  const times: number[] = [];
  for (;;) {
    times.push(await milliseconds(sql, QUESTIONS["sync_status()"]));
    const [counted] = await sql`
      select until >= now() - interval '3 minutes' as is_done from clerk_sync.counted
    `;
    if (counted?.is_done) return times;
  }
}

async function milliseconds(sql: Sql, question: string): Promise<number> {
  const startedAt = performance.now();
  await sql.unsafe(question);
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
