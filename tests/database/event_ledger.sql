-- The ledger: what becomes of an event that is delivered once, again, or after a failure.
begin;
set local search_path = public, extensions;
select plan(14);

select is(
  public.upsert_user('user_a', 'a@example.test', p_event_id => 'msg_1', p_event_at => '2026-01-02'),
  'applied',
  'the first delivery is applied'
);

select is(
  public.upsert_user('user_a', 'other@example.test', p_event_id => 'msg_1', p_event_at => '2026-01-09'),
  'duplicate',
  'a further delivery of an event is a duplicate'
);

select is(
  (select email from public.users where external_id = 'user_a'),
  'a@example.test',
  'a duplicate changes nothing, whatever it says'
);

select results_eq(
  $$ select outcome::text, attempts, event_at from clerk_sync.events where event_id = 'msg_1' $$,
  $$ values ('applied', 2, '2026-01-02'::timestamptz) $$,
  'a duplicate counts as an attempt and leaves the rest'
);

select ok(
  (select last_received_at > first_received_at from clerk_sync.events where event_id = 'msg_1'),
  'a duplicate moves the time of the latest delivery'
);

select is(
  public.upsert_user('user_a', 'old@example.test', p_event_id => 'msg_0', p_event_at => '2026-01-01'),
  'stale',
  'an event that is older than what is stored is stale'
);

select is(
  (select outcome::text from clerk_sync.events where event_id = 'msg_0'),
  'stale',
  'a stale event is recorded as stale'
);

select is(
  public.upsert_user('user_a', 'old@example.test', p_event_id => 'msg_0', p_event_at => '2026-01-01'),
  'duplicate',
  'a further delivery of a stale event is a duplicate'
);

select public.record_event('msg_' || outcome, outcome, p_error_code => 'some', p_error => 'some reason')
from unnest('{failed,rejected,ignored}'::text[]) as outcome;

select results_eq(
  $$
  select public.upsert_user('user_' || outcome, p_event_id => 'msg_' || outcome, p_event_at => '2026-01-02')::text
  from unnest('{failed,rejected,ignored}'::text[]) as outcome
  $$,
  '{applied,applied,applied}'::text[],
  'an event that had failed, or was rejected or ignored, can still be applied'
);

select results_eq(
  $$
  select distinct outcome::text, attempts, event_at, error_code, error
  from clerk_sync.events
  where event_id in ('msg_failed', 'msg_rejected', 'msg_ignored')
  $$,
  $$ values ('applied', 2, '2026-01-02'::timestamptz, null::text, null::text) $$,
  'an event that is applied after all has no error any more'
);

select is(
  public.record_event('msg_1', 'failed', p_error_code => '57014'),
  'duplicate',
  'a failure that is reported after the event was applied is a duplicate'
);

select public.upsert_user('user_b');
select public.upsert_org_with_owner('org_b', 'B');
select public.set_membership('org_b', 'user_b');
select public.remove_membership('org_b', 'user_b');
select public.delete_org('org_b');
select public.delete_user('user_b');
select public.record_session('sess_b', 'user_b');

select is_empty(
  $$
  select event_id, object_id
  from clerk_sync.events
  where first_received_at >= now()
    and event_id not like 'msg\_%'
  $$,
  'a call by hand makes no row'
);

select public.upsert_user('user_c', p_event_id => 'msg_2', p_event_type => 'user.created');
select public.upsert_org_with_owner('org_c', 'C', p_created_by => 'user_c', p_event_id => 'msg_3');
select public.set_membership('org_c', 'user_c', p_external_id => 'orgmem_c', p_event_id => 'msg_4');
select public.remove_membership('org_c', 'user_c', 'orgmem_c', p_event_id => 'msg_5');
select public.delete_org('org_c', 'msg_6');
select public.delete_user('user_c', 'msg_7');
select public.record_session('sess_c', 'user_c', p_event_id => 'msg_8');

select results_eq(
  $$
  select event_id::text, object_id, user_external_id, organization_external_id
  from clerk_sync.events
  where event_id in ('msg_2', 'msg_3', 'msg_4', 'msg_5', 'msg_6', 'msg_7', 'msg_8')
  order by event_id collate "C"
  $$,
  $$
  values
    ('msg_2', 'user_c', 'user_c', null),
    ('msg_3', 'org_c', 'user_c', 'org_c'),
    ('msg_4', 'orgmem_c', 'user_c', 'org_c'),
    ('msg_5', 'orgmem_c', 'user_c', 'org_c'),
    ('msg_6', 'org_c', null, 'org_c'),
    ('msg_7', 'user_c', 'user_c', null),
    ('msg_8', 'sess_c', 'user_c', null)
  $$,
  'every RPC enters the ids that its event concerns'
);

select throws_ok(
  $$ select public.upsert_user('user_d', p_event_id => '') $$,
  '23514',
  null,
  'an empty event id is refused'
);

select * from finish();
rollback;
