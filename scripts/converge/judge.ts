import type { Sql, TransactionSql } from "postgres";
import type { History } from "./clerk/simulator.ts";
import type { ClerkEvent, World } from "./clerk/world.ts";
import { FactBook } from "./rules/facts.ts";
import { tablesAfter } from "./rules/model.ts";
import { differences, type MemberRow, noRows, pairKey, type Tables } from "./rules/tables.ts";

/** What became of the deliveries of one event. */
export interface Sent {
  deliveries: number;
  /** Answered 200. */
  accepted: number;
}

/** What the database says of a history, once everything was delivered. */
export interface Verdict {
  /** Where the tables are not what the rules prescribe, a line a field. */
  differences: string[];
  /** Where the ledger does not hold what was answered, a line an event. */
  ledger: string[];
  /** The attempts that the ledger counted. */
  attempts: number;
}

/** Where the rows of a history differ from what the rules make of these events of it; empty when nowhere. */
export async function divergence(
  sql: Database,
  world: World,
  events: Iterable<ClerkEvent>,
): Promise<string[]> {
  return differences(tablesAfter(new FactBook(events)), await readTables(sql, world));
}

/** Compares the rows of a history with the model, and its events in the ledger with what was sent, by svix-id. */
export async function judge(
  sql: Sql,
  { events, world }: History,
  sent: Map<string, Sent>,
): Promise<Verdict> {
  const [differences, entries] = await Promise.all([
    divergence(sql, world, events),
    sql<{ event_id: string; attempts: number; outcome: string }[]>`
      select event_id, attempts, outcome
      from clerk_sync.events
      where event_id = any(${events.map(({ id }) => id)})
    `,
  ]);
  const ledger = new Map(entries.map((entry) => [entry.event_id, entry]));
  const wrong = events.flatMap(({ id, type }) => {
    const { deliveries, accepted } = sent.get(id) ?? { deliveries: 0, accepted: 0 };
    const { outcome = "missing", attempts = 0 } = ledger.get(id) ?? {};
    const isSettled = outcome === "applied" || outcome === "stale";
    // Of a delivery that was cut off nobody knows whether it was counted.
    const addsUp = accepted === deliveries ? attempts === deliveries : attempts >= accepted;
    if (isSettled && addsUp) return [];
    return [`ledger ${id} (${type}): ${outcome}, ${attempts} attempts of ${deliveries} sent`];
  });
  return {
    differences,
    ledger: wrong,
    attempts: entries.reduce((sum, { attempts }) => sum + attempts, 0),
  };
}

/** A connection, in a transaction or not. */
export type Database = Sql | TransactionSql;

/** Reads the rows that the objects of a history have in the database: in one query, so as of one moment. */
export async function readTables(sql: Database, world: World): Promise<Tables> {
  const ids = Object.values<{ id: string }[]>({ ...world }).flat().map(({ id }) => id);
  const rows = await sql.unsafe<{ name: keyof Tables; row: Record<string, unknown> }[]>(
    READ_TABLES,
    [ids],
    { prepare: true },
  );
  const tables = noRows();
  for (const { name, row } of rows) {
    const member = row as unknown as MemberRow;
    const key = name === "members"
      ? pairKey(member.organization, member.user)
      : row.external_id as string;
    (tables[name] as Map<string, unknown>).set(key, timesInMs(row));
  }
  return tables;
}

const READ_TABLES = `
  select 'users' as name, to_jsonb(u) as row
  from public.users u
  where external_id = any($1::text[])
  union all
  select 'shared', to_jsonb(d)
  from public.public_user_data d
  where external_id = any($1::text[])
  union all
  select 'organizations', to_jsonb(o)
  from public.organizations o
  where external_id = any($1::text[])
  union all
  select 'members', to_jsonb(m) || jsonb_build_object(
    'organization', o.external_id,
    'user', u.external_id
  )
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  join public.users u on u.id = m.user_id
  where o.external_id = any($1::text[])
  union all
  select 'sessions', to_jsonb(s)
  from public.user_sessions s
  where external_id = any($1::text[])
  union all
  select 'subscriptions', to_jsonb(s)
  from public.subscriptions s
  where external_id = any($1::text[])
  union all
  select 'invitations', to_jsonb(i)
  from public.organization_invitations i
  where external_id = any($1::text[])
`;

function timesInMs(row: Record<string, unknown>): Record<string, unknown> {
  const isTime = (name: string) => /_at$|^period_/.test(name);
  const times = Object.entries(row).filter(([name, value]) => isTime(name) && value);
  return {
    ...row,
    ...Object.fromEntries(times.map(([name, value]) => [name, Date.parse(value as string)])),
  };
}
