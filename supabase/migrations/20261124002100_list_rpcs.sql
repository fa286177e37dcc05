-- What lives here, in pages: how a drift check finds what Clerk does not have any more.

create function clerk_sync.list_limit(
  p_limit integer
)
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select least(greatest(coalesce(p_limit, 1000), 1), 1000);
$$;

revoke execute on function clerk_sync.list_limit(integer)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.list_limit(integer) is 'How many rows a list returns: 1 to 1000.';

create function public.sync_list_users(
  p_after text default null,
  p_limit integer default 1000
)
returns table (external_id text)
language sql
stable
security definer -- like every RPC of the sync; the tables themselves are open to service_role
set search_path = pg_catalog, pg_temp
as $$
  select u.external_id
  from public.users u
  where u.deleted_at is null
    and u.external_id > coalesce(p_after, '')
  order by u.external_id
  limit clerk_sync.list_limit(p_limit);
$$;

revoke execute on function public.sync_list_users(text, integer)
  from public, anon, authenticated;
grant execute on function public.sync_list_users(text, integer)
  to service_role;

comment on function public.sync_list_users(text, integer) is
  'Clerk ids of users that are not deleted, in order, those after p_after; at most 1000. For service_role only.';

create function public.sync_list_orgs(
  p_after text default null,
  p_limit integer default 1000
)
returns table (external_id text)
language sql
stable
security definer -- like every RPC of the sync; the tables themselves are open to service_role
set search_path = pg_catalog, pg_temp
as $$
  select o.external_id
  from public.organizations o
  where o.deleted_at is null
    and o.external_id > coalesce(p_after, '')
  order by o.external_id
  limit clerk_sync.list_limit(p_limit);
$$;

revoke execute on function public.sync_list_orgs(text, integer)
  from public, anon, authenticated;
grant execute on function public.sync_list_orgs(text, integer)
  to service_role;

comment on function public.sync_list_orgs(text, integer) is
  'Clerk ids of organizations that are not deleted, in order, those after p_after; at most 1000. For service_role only.';

create function public.sync_list_memberships(
  p_after uuid default null,
  p_limit integer default 1000,
  p_user_external_id text default null,
  p_organization_external_id text default null
)
returns table (
  id uuid,
  external_id text,
  organization_external_id text,
  user_external_id text
)
language plpgsql
stable
security definer -- uses clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan -- with or without a user or an organization: other plans
as $$
begin
  return query
  select
    m.id,
    coalesce(m.external_id, clerk_sync.generation_zero(o.external_id, u.external_id))::text,
    o.external_id::text,
    u.external_id::text
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  join public.users u on u.id = m.user_id
  where m.status = 'active'
    and o.deleted_at is null
    and u.deleted_at is null
    and (p_after is null or m.id > p_after)
    and (p_user_external_id is null or u.external_id = p_user_external_id)
    and (p_organization_external_id is null or o.external_id = p_organization_external_id)
  order by m.id
  limit clerk_sync.list_limit(p_limit);
end;
$$;

revoke execute on function public.sync_list_memberships(uuid, integer, text, text)
  from public, anon, authenticated;
grant execute on function public.sync_list_memberships(uuid, integer, text, text)
  to service_role;

comment on function public.sync_list_memberships(uuid, integer, text, text) is
  'Active members, ordered by id, those after p_after; at most 1000; of one user, of one organization, or all. '
  'external_id is what remove_membership takes as p_external_id: orgmem_…, or where only the organization''s creation '
  'vouches for the membership the ids of both with a colon between. For service_role only.';
