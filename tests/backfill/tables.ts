import type { RunState } from "../../scripts/backfill/checkpoint.ts";
import { KIND_NAMES, type KindName } from "../../scripts/clerk/kinds.ts";
import type { WorldInstance } from "../clerk_api/world_instance.ts";
import { isInForce, type World } from "../../scripts/converge/clerk/world.ts";
import { readTables } from "../../scripts/converge/judge.ts";
import { differences, type Tables } from "../../scripts/converge/rules/tables.ts";
import { truth } from "../../scripts/converge/rules/truth.ts";
import type { Ground } from "./ground.ts";

const SYNCED = [
  "public.users",
  "public.organizations",
  "public.organization_members",
  "public.subscriptions",
  "public.organization_invitations",
];
const REGISTERS = ["user", "organization", "membership", "snapshot"].map((name) =>
  `clerk_sync.${name}_register`
);

/** Clerk ids of all that lives here, in order. */
export async function livingIds({ sql }: Ground): Promise<string[]> {
  const rows = await sql`
    select external_id from public.users where deleted_at is null
    union all
    select external_id from public.organizations where deleted_at is null
    union all
    select external_id from public.organization_members where status = 'active'
  `;
  return rows.map(({ external_id }) => external_id).sort();
}

/** Ids of all that lives in Clerk, in order. */
export function idsInClerk({ world }: WorldInstance): string[] {
  const { users, organizations, memberships } = world;
  const living = [...users, ...organizations].filter(({ deletedAt }) => deletedAt === null);
  return [...living, ...memberships.filter(isInForce)].map(({ id }) => id).sort();
}

/** All rows that live, but for our own keys and updated_at, which a call by hand may have put ahead. */
export async function rowsOf({ sql }: Ground): Promise<unknown[]> {
  const rows = await sql`
    select row
    from (
      select external_id as key, to_jsonb(u) - '{id, updated_at}'::text[] as row
      from public.users u
      where deleted_at is null
      union all
      select external_id, to_jsonb(o) - '{id, updated_at}'::text[]
      from public.organizations o
      where deleted_at is null
      union all
      select o.external_id || u.external_id,
        to_jsonb(m) - '{id, organization_id, user_id, updated_at}'::text[]
      from public.organization_members m
      join public.organizations o on o.id = m.organization_id
      join public.users u on u.id = m.user_id
      where m.status = 'active'
      union all
      select external_id, to_jsonb(s) - '{id, updated_at}'::text[]
      from public.subscriptions s
      where status <> 'ended'
      union all
      select external_id, to_jsonb(i) - '{id, updated_at}'::text[]
      from public.organization_invitations i
      where status <> 'revoked'
    ) rows
    order by key
  `;
  return rows.map(({ row }) => row);
}

/** Every row of the sync and its version: nothing was written between two that are equal. */
export async function traceOf({ sql }: Ground): Promise<string[]> {
  const tables = [...SYNCED, ...REGISTERS, "clerk_sync.instance", "clerk_sync.runs"];
  const all = tables.map((name) => `select '${name} ' || ctid || ' ' || xmin as line from ${name}`);
  return (await sql.unsafe(all.join(" union all "))).map(({ line }) => line).sort();
}

/** All that is remembered of what was seen, by Clerk's ids. */
export async function registersOf({ sql }: Ground): Promise<unknown[]> {
  const all = REGISTERS.map((name) =>
    `select '${name} ' || to_jsonb(r)::text as row from ${name} r`
  );
  return (await sql.unsafe(all.join(" union all "))).map(({ row }) => row).sort();
}

/**
 * What a backfill into an empty project leaves: what Clerk holds, without what is deleted there, and no sessions. Its lists do
 * not name the subscription of an item, which is left out here.
 */
export function tablesOf(world: World): Tables {
  const { users, organizations, memberships, subscriptions, invitations } = world;
  const lives = ({ deletedAt }: { deletedAt: number | null }) => deletedAt === null;
  const there = new Set(organizations.filter(lives).map(({ id }) => id));
  const tables = truth({
    users: users.filter(lives),
    organizations: organizations.filter(lives),
    memberships: memberships.filter(isInForce),
    sessions: [],
    subscriptions,
    invitations: invitations.filter(({ organization_id }) => there.has(organization_id)),
  });
  for (const row of tables.subscriptions.values()) {
    delete (row as Partial<typeof row>).subscription_external_id;
  }
  return tables;
}

/** Read, applied and unchanged of users, organizations and memberships, as `12/12/0`; or of some kinds. */
export function countsOf(
  state: RunState,
  names: readonly KindName[] = KIND_NAMES.slice(0, 3),
): string[] {
  return names.map((name) => {
    const { read, applied, unchanged } = state[name];
    return `${read}/${applied}/${unchanged}`;
  });
}

/** Where what lives here is not what Clerk holds, a line a field. Sign-ins, which Clerk does not list, are left out. */
export async function differencesTo(world: World, { sql }: Ground): Promise<string[]> {
  const { users: all, shared, organizations, members, subscriptions, invitations } =
    await readTables(sql, world);
  const users = living(all, ({ deleted_at }) => deleted_at === null);
  const expected = tablesOf(world);
  return differences(expected, {
    users,
    shared: living(shared, ({ external_id }) => users.has(external_id)),
    organizations: living(organizations, ({ deleted_at }) => deleted_at === null),
    members: living(members, ({ status }) => status === "active"),
    sessions: new Map(),
    subscriptions,
    invitations: living(invitations, ({ external_id }) => expected.invitations.has(external_id)),
  });
}

function living<Row>(rows: Map<string, Row>, isLiving: (row: Row) => boolean): Map<string, Row> {
  return new Map([...rows].filter(([, row]) => isLiving(row)));
}
