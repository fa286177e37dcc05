import type { WorldInstance } from "../clerk_api/world_instance.ts";
import { isInForce } from "../../scripts/converge/clerk/world.ts";
import type { Ground } from "../backfill/ground.ts";

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
    ) rows
    order by key
  `;
  return rows.map(({ row }) => row);
}

/** Every row of the sync and its version: nothing was written between two that are equal. */
export async function traceOf({ sql }: Ground): Promise<string[]> {
  const rows = await sql`
    select 'user' as name, xmin::text, external_id as key from public.users
    union all
    select 'organization', xmin::text, external_id from public.organizations
    union all
    select 'member', xmin::text, id::text from public.organization_members
    union all
    select 'user register', xmin::text, external_id from clerk_sync.user_register
    union all
    select 'organization register', xmin::text, external_id from clerk_sync.organization_register
    union all
    select 'membership register', xmin::text, external_id from clerk_sync.membership_register
    union all
    select 'instance', xmin::text, instance_id from clerk_sync.instance
    union all
    select 'run', xmin::text, id::text from clerk_sync.runs
  `;
  return rows.map(({ name, xmin, key }) => `${name} ${key} ${xmin}`).sort();
}
