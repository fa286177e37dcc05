-- What `npm run doctor` asks of the database about itself: the catalogue, seen through the Data API.

create function public.sync_applied_migrations()
returns text[]
language plpgsql
stable
security definer -- supabase_migrations is for the owner
set search_path = pg_catalog, pg_temp
as $$
declare
  v_versions text[];
begin
  if to_regclass('supabase_migrations.schema_migrations') is null then
    return null;
  end if;

  -- Dynamic, for there need not be such a table.
  execute format(
    'select array_agg(version order by version) from %s', to_regclass('supabase_migrations.schema_migrations')
  )
  into v_versions;
  return coalesce(v_versions, '{}');
exception
  when insufficient_privilege then
    return null;
end;
$$;

revoke execute on function public.sync_applied_migrations()
  from public, anon, authenticated;
grant execute on function public.sync_applied_migrations()
  to service_role;

comment on function public.sync_applied_migrations() is
  'Versions of the migrations that were applied, the newest last; null where that is not recorded or not readable. For '
  'service_role only.';

create function public.sync_describe_rpcs(
  p_names text[]
)
returns table (
  rpc text,
  parameters text[],
  callers text[]
)
language sql
stable
security definer -- like every RPC of the sync
set search_path = pg_catalog, pg_temp
as $$
  select
    p.proname::text,
    coalesce(p.proargnames[1:p.pronargs], '{}'),
    array(
      select caller
      from unnest('{anon,authenticated,service_role}'::text[]) caller
      where has_function_privilege(caller, p.oid, 'execute')
    )
  from pg_catalog.pg_proc p
  where p.pronamespace = 'public'::regnamespace
    and p.proname::text = any (p_names)
  order by 1, 2;
$$;

revoke execute on function public.sync_describe_rpcs(text[])
  from public, anon, authenticated;
grant execute on function public.sync_describe_rpcs(text[])
  to service_role;

comment on function public.sync_describe_rpcs(text[]) is
  'The functions in public that have these names: rpc, the names of its parameters, and which of anon, authenticated and '
  'service_role may call it. One that is not there has no row. For service_role only.';

create function public.sync_describe_tables()
returns table (
  table_name text,
  has_row_level_security boolean,
  anon_may text[],
  authenticated_may text[]
)
language sql
stable
security definer -- like every RPC of the sync
set search_path = pg_catalog, pg_temp
as $$
  select
    format('%s.%s', n.nspname, c.relname),
    c.relrowsecurity,
    array(
      select privilege
      from unnest('{select,insert,update,delete,truncate}'::text[]) privilege
      where has_schema_privilege('anon', n.oid, 'usage') and has_table_privilege('anon', c.oid, privilege)
    ),
    array(
      select privilege
      from unnest('{select,insert,update,delete,truncate}'::text[]) privilege
      where has_schema_privilege('authenticated', n.oid, 'usage')
        and has_table_privilege('authenticated', c.oid, privilege)
    )
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and (
      n.nspname = 'clerk_sync'
      or n.nspname = 'public'
      and c.relname in (
        'users', 'public_user_data', 'organizations', 'organization_members', 'user_sessions', 'subscriptions',
        'organization_invitations'
      )
    )
  order by 1;
$$;

revoke execute on function public.sync_describe_tables()
  from public, anon, authenticated;
grant execute on function public.sync_describe_tables()
  to service_role;

comment on function public.sync_describe_tables() is
  'The tables of the sync: table_name with its schema, whether row level security is on, and what anon and authenticated '
  'may do to the whole of it (select, insert, update, delete, truncate). For service_role only.';

create function public.sync_is_purge_scheduled()
returns boolean
language plpgsql
stable
security definer -- cron.job shows to each role its own jobs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_is_scheduled boolean;
begin
  if to_regclass('cron.job') is null then
    return null;
  end if;

  execute format('select exists (select from %s where jobname = $1 and active)', to_regclass('cron.job'))
  into v_is_scheduled
  using 'clerk-sync-purge';
  return v_is_scheduled;
exception
  when insufficient_privilege or invalid_schema_name or undefined_table or undefined_column then
    return null;
end;
$$;

revoke execute on function public.sync_is_purge_scheduled()
  from public, anon, authenticated;
grant execute on function public.sync_is_purge_scheduled()
  to service_role;

comment on function public.sync_is_purge_scheduled() is
  'Whether pg_cron purges the ledger, as sync_schedule_purge arranged; null where pg_cron is not enabled, or may not be asked. For '
  'service_role only.';
