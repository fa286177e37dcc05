-- record_event: deliveries that were not applied are kept in the ledger.
begin;
set local search_path = public, extensions;
select plan(11);

select is(
  public.record_event(
    'msg_1', 'failed', 'user.created', '2026-01-01', 'user_a', '40P01', 'deadlock detected', 'user_b', 'org_b'
  ),
  'applied',
  'a delivery that was not applied is entered'
);

select results_eq(
  $$
  select event_type, event_at, object_id, user_external_id, organization_external_id, outcome::text, error_code, error,
    attempts
  from clerk_sync.events
  where event_id = 'msg_1'
  $$,
  $$
  values (
    'user.created', '2026-01-01'::timestamptz, 'user_a', 'user_b', 'org_b', 'failed', '40P01', 'deadlock detected', 1
  )
  $$,
  'every parameter lands in its column'
);

select public.record_event('msg_1', 'failed', 'user.created', '2026-01-01', 'user_a', '57014', 'statement timeout');

select results_eq(
  $$
  select attempts, error_code, error, user_external_id, organization_external_id
  from clerk_sync.events
  where event_id = 'msg_1'
  $$,
  $$ values (2, '57014', 'statement timeout', 'user_b', 'org_b') $$,
  'a further delivery counts, and its error is the one that is kept; what it leaves out stays'
);

select lives_ok(
  $$ select public.record_event('msg_' || outcome, outcome) from unnest('{ignored,rejected}'::text[]) as outcome $$,
  'an event that was ignored or rejected needs no type, time or id'
);

select set_eq(
  $$ select outcome::text, event_type from clerk_sync.events where event_id in ('msg_ignored', 'msg_rejected') $$,
  $$ values ('ignored', 'unknown'), ('rejected', 'unknown') $$,
  'an event without a type is of type unknown'
);

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.record_event('msg_2', 'applied') $$,
      '22023', 'nobody can enter an event as applied without applying it'),
    ($$ select public.record_event('msg_2', 'no such outcome') $$, '22023', 'an unknown outcome is refused'),
    ($$ select public.record_event('msg_2', null) $$, '22023', 'a missing outcome is refused'),
    ($$ select public.record_event(null, 'ignored') $$, '23502', 'a missing event id is refused'),
    ($$ select public.record_event('', 'ignored') $$, '23514', 'an empty event id is refused')
) as refused (call, code, what);

select public.record_event('msg_retold', 'rejected');
select public.record_event('msg_retold', 'failed', 'user.created', '2026-01-02', 'user_retold');

select results_eq(
  $$ select event_type, event_at, object_id from clerk_sync.events where event_id = 'msg_retold' $$,
  $$ values ('user.created', '2026-01-02'::timestamptz, 'user_retold') $$,
  'a later delivery tells what an earlier one could not'
);

select * from finish();
rollback;
