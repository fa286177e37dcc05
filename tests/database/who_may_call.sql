-- Only service_role may call the RPCs, and nobody but their owner may reach clerk_sync.
begin;
set local search_path = public, extensions;
select plan(150);

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
  (9, 'sync_upsert_users', $$ select public.sync_upsert_users('[]') $$),
  (10, 'sync_upsert_orgs', $$ select public.sync_upsert_orgs('[]') $$),
  (11, 'sync_set_memberships', $$ select public.sync_set_memberships('[]') $$),
  (12, 'sync_compare_users', $$ select public.sync_compare_users('[]') $$),
  (13, 'sync_compare_orgs', $$ select public.sync_compare_orgs('[]') $$),
  (14, 'sync_compare_memberships', $$ select public.sync_compare_memberships('[]') $$),
  (15, 'sync_list_users', $$ select public.sync_list_users() $$),
  (16, 'sync_list_orgs', $$ select public.sync_list_orgs() $$),
  (17, 'sync_list_memberships', $$ select public.sync_list_memberships() $$),
  (18, 'sync_bind_instance', $$ select public.sync_bind_instance('ins_a') $$),
  (19, 'sync_bound_instance', $$ select public.sync_bound_instance() $$),
  (20, 'sync_save_run', $$ select public.sync_save_run(gen_random_uuid(), 'drift', '{}') $$),
  (21, 'sync_last_run', $$ select public.sync_last_run('drift') $$),
  (22, 'sync_status', $$ select public.sync_status() $$),
  (23, 'sync_metrics', $$ select public.sync_metrics() $$),
  (24, 'sync_list_events', $$ select public.sync_list_events() $$),
  (25, 'sync_event_series', $$ select public.sync_event_series() $$),
  (26, 'sync_row_counts', $$ select public.sync_row_counts() $$),
  (27, 'sync_purge_events', $$ select public.sync_purge_events('1000 years') $$),
  (28, 'sync_schedule_purge', $$ select public.sync_schedule_purge() $$),
  (29, 'sync_erase_user', $$ select public.sync_erase_user('user_a') $$),
  (30, 'sync_erase_on_delete', $$ select public.sync_erase_on_delete() $$),
  (31, 'sync_applied_migrations', $$ select public.sync_applied_migrations() $$),
  (32, 'sync_describe_rpcs', $$ select public.sync_describe_rpcs('{}') $$),
  (33, 'sync_describe_tables', $$ select public.sync_describe_tables() $$),
  (34, 'sync_is_purge_scheduled', $$ select public.sync_is_purge_scheduled() $$),
  (35, 'sync_retry_event', $$ select public.sync_retry_event('upsert_user', '{"p_external_id": "user_a", "p_event_id": "msg_b"}') $$),
  (36, 'sync_close_event', $$ select public.sync_close_event('msg_a') $$),
  (37, 'sync_describe_keeping_keys', $$ select public.sync_describe_keeping_keys() $$),
  (38, 'sync_version', $$ select public.sync_version() $$),
  (39, 'record_snapshots', $$ select public.record_snapshots('subscription', '[]') $$),
  (40, 'sync_record_snapshots', $$ select public.sync_record_snapshots('invitation', '[]') $$),
  (41, 'sync_compare_snapshots', $$ select public.sync_compare_snapshots('invitation', '[]') $$),
  (42, 'sync_list_snapshots', $$ select public.sync_list_snapshots('subscription') $$),
  (43, 'sync_plan_follows_billing', $$ select public.sync_plan_follows_billing() $$),
  (44, 'sync_open_causes', $$ select public.sync_open_causes() $$),
  (45, 'sync_enable_change_queue', $$
    do $do$
    begin
      perform public.sync_enable_change_queue();
    exception
      when feature_not_supported then null; -- pgmq is not everywhere
    end;
    $do$
  $$),
  (46, 'sync_disable_change_queue', $$ select public.sync_disable_change_queue() $$),
  (47, 'sync_enable_realtime', $$ select public.sync_enable_realtime() $$),
  (48, 'sync_apply_events', $$ select public.sync_apply_events('[]') $$);

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
