-- What is open, by what is in the way, and when Svix delivers it again.
begin;
set local search_path = public, extensions;
select plan(17);

-- A ledger of its own, so that what others left does not count.
delete from clerk_sync.events where true;

create function pg_temp.enter(
  p_id text, p_outcome text, p_code text, p_error text, p_age interval, p_attempts integer default 1, p_type text default 'user.created'
)
returns void
language sql
as $$
  insert into clerk_sync.events (
    event_id, event_type, first_received_at, last_received_at, outcome, outcome_at, error_code, error, attempts
  )
  values (
    p_id, p_type, now() - p_age - interval '1 second', now() - p_age, p_outcome::clerk_sync.event_outcome, now() - p_age, p_code,
    p_error, p_attempts
  );
$$;

select is_empty('select * from public.sync_open_causes()', 'nothing is open');

select pg_temp.enter('msg_a' || n, 'failed', '23514', 'constraint c of public.users', make_interval(mins => n)) from generate_series(1, 70) n;
select pg_temp.enter('msg_a0', 'failed', '23514', 'constraint c of public.users', '20 seconds', 2, 'user.updated');
select pg_temp.enter('msg_b', 'failed', '57014', null, '30 hours', 8);
select pg_temp.enter('msg_c', 'rejected', 'invalid_body', 'data.id', '1 minute');
select pg_temp.enter('msg_d', 'closed', '57014', null, '1 minute');
select pg_temp.enter('msg_e', 'applied', null, null, '1 minute');

select results_eq(
  'select outcome, error_code, error, events from public.sync_open_causes()',
  $$
    values
      ('failed', '23514', 'constraint c of public.users', 71::bigint),
      ('failed', '57014', null, 1),
      ('rejected', 'invalid_body', 'data.id', 1)
  $$,
  'each cause is told once, failed ones first, the commonest first; what is settled or closed is not open'
);
select results_eq(
  'select event_types from public.sync_open_causes(1)',
  $$ values ('{"user.created": 70, "user.updated": 1}'::jsonb) $$,
  'with how many of each type, no more causes than asked for'
);
select results_eq(
  'select first_received_at, last_received_at, newest_event_id from public.sync_open_causes(1)',
  $$ values (now() - interval '70 minutes 1 second', now() - interval '20 seconds', 'msg_a0') $$,
  'since when, the last, and the newest event'
);
select is(
  (select next_attempt_at from public.sync_open_causes(1)),
  now() + interval '5 seconds',
  'the next attempt is that of the event that comes first: it came five minutes ago'
);
select results_eq(
  'select next_attempt_at, not_again from public.sync_open_causes() where error_code <> ''23514''',
  $$ values (null::timestamptz, 1::bigint), (null, 1) $$,
  'neither what was delivered eight times nor what is rejected comes again by itself'
);

select is(
  clerk_sync.next_attempt_at(attempts, now()) - now(), expected, 'after ' || attempts || ' attempts'
)
from (
  values
    (1, interval '5 seconds'),
    (2, '5 minutes'),
    (3, '30 minutes'),
    (4, '2 hours'),
    (5, '5 hours'),
    (6, '10 hours'),
    (7, '10 hours'),
    (8, null)
) t (attempts, expected);
select is(
  clerk_sync.next_attempt_at(1, now() - interval '1 hour') - now(),
  interval '1 hour 35 minutes 5 seconds',
  'attempts that did not reach the database went by on schedule'
);
select is(clerk_sync.next_attempt_at(1, now() - interval '2 days'), null, 'after the last one of the schedule there is none');

select pg_temp.enter('msg_many' || n, 'failed', 'code', 'error ' || n, '1 day') from generate_series(1, 600) n;
select is((select count(*) from public.sync_open_causes(1000)), 500::bigint, 'at most 500 causes are told');

select * from finish();
rollback;
