import type { Sql, TransactionSql } from "postgres";
import type { World } from "../clerk/world.ts";
import { type MemberRow, pairKey, type Tables } from "../rules/tables.ts";

/** A connection, in a transaction or not. */
export type Database = Sql | TransactionSql;

/** Reads the rows that the objects of a history have in the database: in one query, so as of one moment. */
export async function readTables(sql: Database, world: World): Promise<Tables> {
  const ids = (objects: { id: string }[]) => objects.map(({ id }) => id);
  const rows = await sql.unsafe<{ name: keyof Tables; row: Record<string, unknown> }[]>(
    READ_TABLES,
    [ids(world.users), ids(world.organizations), ids(world.sessions)],
    { prepare: true },
  );
  const tables: Tables = {
    users: new Map(),
    shared: new Map(),
    organizations: new Map(),
    members: new Map(),
    sessions: new Map(),
  };
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
  where external_id = any($2::text[])
  union all
  select 'members', to_jsonb(m) || jsonb_build_object(
    'organization', o.external_id,
    'user', u.external_id
  )
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  join public.users u on u.id = m.user_id
  where o.external_id = any($2::text[])
  union all
  select 'sessions', to_jsonb(s)
  from public.user_sessions s
  where external_id = any($3::text[])
`;

function timesInMs(row: Record<string, unknown>): Record<string, unknown> {
  const times = Object.entries(row).filter(([name, value]) => name.endsWith("_at") && value);
  return {
    ...row,
    ...Object.fromEntries(times.map(([name, value]) => [name, Date.parse(value as string)])),
  };
}
