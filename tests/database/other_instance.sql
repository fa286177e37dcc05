-- Once the project is bound to a Clerk instance, what another one sends changes nothing.
begin;
set local search_path = public, extensions;
select plan(15);

delete from clerk_sync.instance where is_bound;

select is(
  public.upsert_user('user_first', p_event_id => 'msg_first', p_instance_id => 'ins_other'),
  'applied',
  'before that every instance is heard'
);
select public.sync_bind_instance('ins_own');
select is(
  public.upsert_user('user_own', p_event_id => 'msg_own', p_instance_id => 'ins_own'),
  'applied',
  'the own instance is heard'
);
select is(
  public.upsert_user('user_unnamed', p_event_id => 'msg_unnamed'),
  'applied',
  'and an event that names none'
);

create temporary table calls as
select *
from (
  values
    ('upsert_user', $$ select public.upsert_user('user_x', %s) $$),
    ('delete_user', $$ select public.delete_user('user_own', %s) $$),
    ('upsert_org_with_owner', $$ select public.upsert_org_with_owner('org_x', 'X', p_created_by => 'user_own', %s) $$),
    ('delete_org', $$ select public.delete_org('org_x', %s) $$),
    ('set_membership', $$ select public.set_membership('org_x', 'user_x', %s) $$),
    ('remove_membership', $$ select public.remove_membership('org_x', 'user_x', %s) $$),
    ('record_session', $$ select public.record_session('sess_x', 'user_x', %s) $$),
    (
      'record_snapshots',
      $$ select public.record_snapshots('subscription', '[{"p_external_id": "csub_item_x", "p_organization_external_id": "org_own", "p_status": "active", "p_plan": "pro"}]', 'csub_item_x', %s) $$
    )
) c (rpc, call);

select is(
  (query_to_xml(
    format(call, format('p_event_id => %L, p_event_type => %L, p_instance_id => %L', 'msg_x_' || rpc, rpc, 'ins_other')),
    false, false, ''
  ))::text ~ '>ignored<',
  true,
  rpc || ' ignores another instance'
)
from calls;

select results_eq(
  $$
  select count(*), count(*) filter (where outcome = 'ignored' and error_code = 'other_instance' and error is null)
  from clerk_sync.events
  where event_id like 'msg\_x\_%'
  $$,
  $$ values (8::bigint, 8::bigint) $$,
  'the ledger says so of each'
);
select is_empty(
  $$
  select external_id from public.users where external_id = 'user_x' or external_id = 'user_own' and deleted_at is not null
  union all
  select external_id from public.organizations where external_id = 'org_x'
  union all
  select external_id from public.user_sessions where external_id = 'sess_x'
  union all
  select external_id from clerk_sync.user_register where external_id = 'user_x'
  union all
  select external_id from clerk_sync.snapshot_register where external_id = 'csub_item_x'
  union all
  select external_id from public.subscriptions where external_id = 'csub_item_x'
  $$,
  'and nothing of them is kept'
);

select public.upsert_user('user_x', p_event_id => 'msg_x_upsert_user', p_instance_id => 'ins_other');
select is(
  (select attempts from clerk_sync.events where event_id = 'msg_x_upsert_user'),
  2,
  'a further delivery is counted'
);
select public.sync_bind_instance('ins_other', true);
select is(
  public.upsert_user('user_x', p_event_id => 'msg_x_upsert_user', p_instance_id => 'ins_other'),
  'applied',
  'and applied once the project follows that instance'
);

select * from finish();
rollback;
