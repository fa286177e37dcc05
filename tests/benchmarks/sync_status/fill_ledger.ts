import type { Sql } from "postgres";

const BATCH = 500_000;

/** A ledger of so many events in 90 days up to now: mostly applied, some stale, a few failed for good. */
export async function fillLedger(
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
