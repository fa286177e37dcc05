-- sync_applied_migrations, sync_describe_rpcs, sync_describe_tables: what the database says of itself.
begin;
set local search_path = public, extensions;
select plan(10);

create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key);
delete from supabase_migrations.schema_migrations where true;
select is(public.sync_applied_migrations(), '{}', 'at first no migration is applied');
insert into supabase_migrations.schema_migrations (version) values ('20261124000200'), ('20261124000100');
select is(
  public.sync_applied_migrations(), '{20261124000100,20261124000200}', 'the migrations that were applied, the newest last'
);
alter table supabase_migrations.schema_migrations rename to elsewhere;
select is(public.sync_applied_migrations(), null, 'where none are recorded nothing is claimed');

select results_eq(
  $$ select rpc, parameters, callers from public.sync_describe_rpcs('{sync_purge_events,my_user_id,no_such_rpc}') $$,
  $$
  values
    ('my_user_id', '{}'::text[], '{authenticated}'::text[]),
    ('sync_purge_events', '{p_older_than,p_batch}', '{service_role}')
  $$,
  'an RPC is described by its parameters and who may call it, and one that is not there not at all'
);
select results_eq(
  $$ select parameters from public.sync_describe_rpcs('{sync_list_users}') $$,
  $$ values ('{p_after,p_limit}'::text[]) $$,
  'the columns that it returns are none of its parameters'
);
grant execute on function public.sync_purge_events(interval, integer) to public;
select results_eq(
  $$ select callers from public.sync_describe_rpcs('{sync_purge_events}') $$,
  $$ values ('{anon,authenticated,service_role}'::text[]) $$,
  'a grant to public shows as one to anon'
);

select set_eq(
  $$ select table_name from public.sync_describe_tables() where table_name like 'public.%' $$,
  $$
  values
    ('public.users'), ('public.public_user_data'), ('public.organizations'), ('public.organization_members'),
    ('public.user_sessions'), ('public.subscriptions'), ('public.organization_invitations')
  $$,
  'the seven tables of the app are described'
);
select set_eq(
  $$ select table_name from public.sync_describe_tables() where table_name like 'clerk\_sync.%' $$,
  $$ select format('clerk_sync.%s', tablename) from pg_tables where schemaname = 'clerk_sync' $$,
  'and all tables of clerk_sync'
);
select is_empty(
  $$
  select table_name
  from public.sync_describe_tables()
  where not has_row_level_security
    or anon_may <> '{}'
    or authenticated_may <> case when table_name like 'public.%' then '{select}'::text[] else '{}' end
  $$,
  'each has row level security, anon may do nothing, and signed-in users read the tables of the app'
);
alter table public.users disable row level security;
-- Into a schema of the sync's own anon has no way at all.
grant usage on schema public to anon;
grant insert on public.users to anon;
select results_eq(
  $$ select has_row_level_security, anon_may from public.sync_describe_tables() where table_name = 'public.users' $$,
  $$ values (false, '{insert}'::text[]) $$,
  'a table that was opened shows as open'
);

select * from finish();
rollback;
