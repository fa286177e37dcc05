-- Realtime: which tables it is given, and what their replication identity lets it tell of a row that is gone.
begin;
set local search_path = public, extensions;
select plan(5);

select lives_ok('select public.sync_enable_realtime()', 'Realtime can be enabled');
select lives_ok('select public.sync_enable_realtime()', 'and enabled again');
select bag_has(
  $$ select tablename::text from pg_publication_tables where pubname = 'supabase_realtime' and schemaname = 'public' $$,
  $$ values ('users'), ('organization_members') $$,
  'then users and members are published'
);
select results_eq(
  $$
  select relreplident::text, relrowsecurity
  from pg_class
  where oid in ('public.users'::regclass, 'public.organization_members'::regclass)
  $$,
  $$ values ('d', true), ('d', true) $$,
  'of a row that is gone the key alone is told, and all others go by row level security'
);

drop publication supabase_realtime;
select throws_ok(
  'select public.sync_enable_realtime()', '55000', 'there is no publication supabase_realtime',
  'without the publication it says so'
);

select * from finish();
rollback;
