import type { Sql } from "postgres";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";
import { msOf, openDatabase, percentile } from "./measuring.ts";
import type { Part, PartResult, RunOptions } from "./part.ts";

const FULL = { events: 10_000_000, repeat: 50 };
const QUICK = { events: 20_000, repeat: 5 };

/** Rows of one insert. */
const BATCH = 500_000;

const STATUS = "sync_status()";

const COUNTING = `${STATUS}, nothing counted yet`;

const QUESTIONS = {
  [STATUS]: "select public.sync_status()",
  "sync_metrics()": "select public.sync_metrics()",
  "sync_event_series(60)": "select public.sync_event_series(60)",
  "sync_event_series(10080, 120)": "select public.sync_event_series(10080, 120)",
  "sync_list_events(), newest": "select * from public.sync_list_events()",
  "sync_list_events(), open": "select * from public.sync_list_events('{failed,rejected}')",
  "sync_list_events(), a user": "select * from public.sync_list_events(p_clerk_id => 'user_77777')",
  "sync_open_causes()": "select * from public.sync_open_causes()",
  "sync_row_counts()": "select public.sync_row_counts()",
};

/** Of the median of sync_status(), which the status page and monitors ask for all the time. */
const LIMIT_MS = 50;

/** How fast the questions about the sync are answered when the ledger is large, and what counting it costs. */
export const syncStatus: Part = {
  title: "The questions about the sync, over a ledger of 90 days",
  run,
};

async function run({ isQuick, note, signal }: RunOptions): Promise<PartResult> {
  const { events, repeat } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using sql = openDatabase(stack.env.DB_URL, signal);
  await fillLedger(sql, events, note);
  note("counting …");
  const counting = await countAll(sql);
  const asked: Record<string, Record<string, number>> = {};
  for (const [name, question] of Object.entries(QUESTIONS)) {
    note(`${name} …`);
    const times: number[] = [];
    for (let n = 0; n < repeat; n++) times.push(await msOf(() => sql.unsafe(question)));
    const [median, p95, max] = [50, 95, 100].map((percent) => percentile(times, percent));
    asked[name] = { median: median!, p95: p95!, max: max! };
  }
  return {
    settings: { events, days: 90, "times each": repeat },
    measures: [
      { unit: "ms", groups: asked },
      { unit: "s", groups: { [COUNTING]: { max: Math.max(...counting) / 1000 } } },
      { unit: "times", groups: { [COUNTING]: { "until it is counted": counting.length } } },
    ],
    targets: [{
      name: `${STATUS}, median`,
      value: asked[STATUS]!.median!,
      unit: "ms",
      limit: { atMost: LIMIT_MS },
    }],
  };
}

/** A ledger that nobody has asked about yet is counted by the first ones who ask: how long each of them waits. */
async function countAll(sql: Sql): Promise<number[]> {
  const times: number[] = [];
  for (;;) {
    times.push(await msOf(() => sql.unsafe(QUESTIONS[STATUS])));
    const [counted] = await sql`
      select until >= now() - interval '3 minutes' as is_done from clerk_sync.counted
    `;
    if (counted?.is_done) return times;
  }
}

/** A ledger of so many events in 90 days up to now: mostly applied, some stale, a few failed for good. */
async function fillLedger(
  sql: Sql,
  events: number,
  note: (line: string) => void,
): Promise<void> {
  await sql`set synchronous_commit = off`;
  for (let from = 0; from < events; from += BATCH) {
    note(`${from} of ${events} events …`);
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
      from generate_series(${from}::integer, ${Math.min(from + BATCH, events) - 1}::integer) n
      cross join lateral (select now() - interval '90 days' * (1 - n::float8 / ${events}::float8)) at (t)
    `;
  }
  await sql`vacuum analyze clerk_sync.events`;
}
