-- Only service_role may call the RPCs, and nobody but their owner may reach clerk_sync.
begin;
set local search_path = public, extensions;
select plan(120);

create temporary table calls (
  position integer primary key,
  rpc text not null,
  call text not null
);
grant select on calls to anon, authenticated, service_role;

insert into calls
values
  (1, 'upsert_user', $$ select public.upsert_user('user_a') $$),
  (2, 'upsert_org_with_owner', $$ select public.upsert_org_with_owner('org_a', 'Acme', p_created_by => 'user_a') $$),
  (3, 'set_membership', $$ select public.set_membership('org_a', 'user_a') $$),
  (4, 'record_session', $$ select public.record_session('sess_a', 'user_a') $$),
  (5, 'record_event', $$ select public.record_event('msg_a', 'ignored') $$),
  (6, 'remove_membership', $$ select public.remove_membership('org_a', 'user_a') $$),
  (7, 'delete_org', $$ select public.delete_org('org_a') $$),
  (8, 'delete_user', $$ select public.delete_user('user_a') $$),
  (9, 'upsert_users', $$ select public.upsert_users('[]') $$),
  (10, 'upsert_orgs', $$ select public.upsert_orgs('[]') $$),
  (11, 'set_memberships', $$ select public.set_memberships('[]') $$),
  (12, 'compare_users', $$ select public.compare_users('[]') $$),
  (13, 'compare_orgs', $$ select public.compare_orgs('[]') $$),
  (14, 'compare_memberships', $$ select public.compare_memberships('[]') $$),
  (15, 'list_users', $$ select public.list_users() $$),
  (16, 'list_orgs', $$ select public.list_orgs() $$),
  (17, 'list_memberships', $$ select public.list_memberships() $$),
  (18, 'bind_instance', $$ select public.bind_instance('ins_a') $$),
  (19, 'bound_instance', $$ select public.bound_instance() $$),
  (20, 'save_sync_run', $$ select public.save_sync_run(gen_random_uuid(), 'drift', '{}') $$),
  (21, 'last_sync_run', $$ select public.last_sync_run('drift') $$),
  (22, 'sync_status', $$ select public.sync_status() $$),
  (23, 'sync_metrics', $$ select public.sync_metrics() $$),
  (24, 'list_events', $$ select public.list_events() $$),
  (25, 'event_series', $$ select public.event_series() $$),
  (26, 'row_counts', $$ select public.row_counts() $$),
  (27, 'purge_events', $$ select public.purge_events('1000 years') $$),
  (28, 'schedule_purge', $$ select public.schedule_purge() $$),
  (29, 'erase_user', $$ select public.erase_user('user_a') $$),
  (30, 'erase_on_delete', $$ select public.erase_on_delete() $$),
  (31, 'applied_migrations', $$ select public.applied_migrations() $$),
  (32, 'describe_rpcs', $$ select public.describe_rpcs('{}') $$),
  (33, 'describe_tables', $$ select public.describe_tables() $$),
  (34, 'is_purge_scheduled', $$ select public.is_purge_scheduled() $$),
  (35, 'retry_event', $$ select public.retry_event('upsert_user', '{"p_external_id": "user_a", "p_event_id": "msg_b"}') $$),
  (36, 'close_event', $$ select public.close_event('msg_a') $$),
  (37, 'describe_keeping_keys', $$ select public.describe_keeping_keys() $$),
  (38, 'sync_version', $$ select public.sync_version() $$);

set local role anon;
select throws_ok(call, '42501', null, 'anon may not call ' || rpc) from calls order by position;
select throws_ok('select from public.users', '42501', null, 'anon may not read users');

set local role authenticated;
select throws_ok(call, '42501', null, 'authenticated may not call ' || rpc) from calls order by position;
select throws_ok('select from clerk_sync.events', '42501', null, 'authenticated may not read the ledger');

set local role service_role;
select lives_ok(call, 'service_role may call ' || rpc) from calls order by position;
select throws_ok('select from clerk_sync.events', '42501', null, 'service_role may not read the ledger');
select throws_ok(
  $$ delete from clerk_sync.user_register where true $$, '42501', null, 'service_role may not touch a register'
);
select throws_ok(
  $$ select clerk_sync.merge_user(null) $$, '42501', null, 'service_role may not call a helper'
);

reset role;
select set_eq(
  $$
  select p.proname::text
  from pg_proc p
  where pronamespace = 'public'::regnamespace
    and has_function_privilege('service_role', oid, 'execute')
    and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  $$,
  'select rpc from calls',
  'every RPC is called here'
);

select * from finish();
rollback;
