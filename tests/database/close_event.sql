-- sync_close_event: an event that will never succeed is waited for no longer.
begin;
set local search_path = public, extensions;
select plan(17);

select public.record_event('msg_' || outcome, outcome, p_error_code => '23514', p_error => 'constraint c of public.users')
from unnest('{failed,rejected,ignored}'::text[]) outcome;
select public.upsert_user('user_c', p_updated_at => '2026-01-02', p_event_id => 'msg_applied');
select public.upsert_user('user_c', p_updated_at => '2026-01-01', p_event_id => 'msg_stale');

create temporary table before as select public.sync_status() as status;

select is(public.sync_close_event('msg_failed'), 'closed', 'an event that failed is closed');
select is(public.sync_close_event('msg_rejected'), 'closed', 'so is one that was rejected');
select is(public.sync_close_event('msg_failed'), 'not_open', 'one that is closed is not open');
select is(
  array(select public.sync_close_event('msg_' || outcome) from unnest('{applied,stale,ignored}'::text[]) outcome),
  '{not_open,not_open,not_open}',
  'nor is one that is settled or ignored'
);
select is(public.sync_close_event('msg_nobody'), 'unknown', 'one that never came is unknown');
select is(public.sync_close_event(null), 'unknown', 'so is none');
select is(
  array(select outcome::text from clerk_sync.events where event_id in ('msg_applied', 'msg_stale', 'msg_ignored') order by 1),
  '{applied,ignored,stale}',
  'what is not open stays as it is'
);

select results_eq(
  $$ select outcome::text, attempts, error_code, error from clerk_sync.events where event_id = 'msg_failed' $$,
  $$ values ('closed', 1, '23514', 'constraint c of public.users') $$,
  'a closed event keeps its error'
);
select results_eq(
  $$
  select ((before.status -> 'open' ->> which)::integer) - ((now.status -> 'open' ->> which)::integer)
  from before, (select public.sync_status() as status) now, unnest('{failed,rejected}'::text[]) which
  $$,
  $$ values (1), (1) $$,
  'and is open no more'
);
select is(public.sync_status() -> 'last' ? 'closed', false, 'closing is no arrival');
select is(
  (public.sync_status() #>> '{events,hour,unknown,closed}')::integer >= 2, true, 'it is counted as closed'
);
select is(
  array(select event_id from public.sync_list_events('{closed}') where event_id in ('msg_failed', 'msg_rejected') order by 1),
  '{msg_failed,msg_rejected}',
  'and listed as that'
);

select public.record_event('msg_failed', 'failed', p_error_code => '23505');
select results_eq(
  $$ select outcome::text, attempts, error_code from clerk_sync.events where event_id = 'msg_failed' $$,
  $$ values ('closed', 2, '23505') $$,
  'a delivery that fails again leaves it closed, and counts'
);
select is(
  public.delete_user('user_closed', p_event_id => 'msg_failed', p_event_type => 'user.deleted'),
  'applied',
  'one that succeeds applies it'
);
select results_eq(
  $$ select outcome::text, attempts, error_code from clerk_sync.events where event_id = 'msg_failed' $$,
  $$ values ('applied', 3, null) $$,
  'and it is closed no more'
);
select is(public.sync_close_event('msg_failed'), 'not_open', 'nor can it be closed again');

update clerk_sync.events set outcome_at = '2020-01-01' where event_id = 'msg_rejected';
select public.sync_purge_events('1000 days');
select is_empty($$ select from clerk_sync.events where event_id = 'msg_rejected' $$, 'a closed event is purged in its time');

select * from finish();
rollback;
