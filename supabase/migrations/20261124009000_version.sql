-- Which version of the sync the database has. Each version that has a migration to add says its own in its last one.

create function clerk_sync.version()
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select '1.0.0';
$$;

revoke execute on function clerk_sync.version()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.version() is
  'The version of clerk-supabase-sync whose migrations were applied last, as in its CHANGELOG.md.';

create function public.sync_version()
returns text
language sql
stable
security definer -- clerk_sync is for the owner
set search_path = pg_catalog, pg_temp
as $$
  select clerk_sync.version();
$$;

revoke execute on function public.sync_version()
  from public, anon, authenticated;
grant execute on function public.sync_version()
  to service_role;

comment on function public.sync_version() is
  'The version of the sync''s migrations in this database, as 1.0.0. For service_role only.';
