-- sync_status, sync_metrics, sync_event_series, sync_list_events: what the ledger says of the sync, without being read.
begin;
set local search_path = public, extensions;
select plan(41);

-- A ledger of its own, so that what others left does not count.
delete from clerk_sync.events where true;
delete from clerk_sync.event_counts where true;
delete from clerk_sync.event_timings where true;
delete from clerk_sync.counted where true;

create function pg_temp.enter(p_id text, p_type text, p_outcome text, p_age interval, p_delay interval default '300 ms', p_us integer default 7000)
returns void
language sql
as $$
  insert into clerk_sync.events (
    event_id, event_type, object_id, event_at, first_received_at, last_received_at, outcome, outcome_at, apply_us, error_code
  )
  values (
    p_id, p_type, 'user_of_' || p_id, now() - p_age - p_delay, now() - p_age, now() - p_age,
    p_outcome::clerk_sync.event_outcome, now() - p_age, case when p_outcome in ('applied', 'stale') then p_us end,
    case when p_outcome in ('failed', 'rejected') then 'code' end
  );
$$;

select is(public.sync_status() -> 'events', '{"day": {}, "hour": {}, "week": {}}', 'an empty ledger has no counts');
select is(
  public.sync_status() -> 'delay_ms' -> 'hour',
  '{"events": 0, "p50": null, "p95": null, "p99": null}',
  'and no times'
);
delete from clerk_sync.counted where true;

select pg_temp.enter('msg_now', 'user.created', 'applied', '10 seconds');
select pg_temp.enter('msg_minutes', 'user.created', 'applied', '20 minutes');
select pg_temp.enter('msg_stale', 'user.created', 'stale', '30 minutes');
select pg_temp.enter('msg_hours', 'user.updated', 'applied', '5 hours', '2 seconds', 40000);
select pg_temp.enter('msg_days', 'user.updated', 'applied', '3 days');
select pg_temp.enter('msg_failed', 'user.created', 'failed', '2 hours');
select pg_temp.enter('msg_rejected', 'user.created', 'rejected', '2 days');
select pg_temp.enter('msg_old', 'user.created', 'applied', '30 days');

select is(
  public.sync_status() -> 'events' -> 'hour',
  '{"user.created": {"applied": 2, "stale": 1}}',
  'the last hour counts the minute that is running and those before'
);
select is(
  public.sync_status() -> 'events' -> 'day',
  '{"user.created": {"applied": 2, "stale": 1, "failed": 1}, "user.updated": {"applied": 1}}',
  'the last day'
);
select is(
  public.sync_status() -> 'events' -> 'week',
  '{"user.created": {"applied": 2, "stale": 1, "failed": 1, "rejected": 1}, "user.updated": {"applied": 2}}',
  'the last week'
);
select is(
  public.sync_status() -> 'events' -> 'week',
  '{"user.created": {"applied": 2, "stale": 1, "failed": 1, "rejected": 1}, "user.updated": {"applied": 2}}',
  'asking again counts nothing twice'
);
select is((public.sync_status() -> 'delay_ms' -> 'hour' ->> 'events')::integer, 3, 'settled events have a delay');
select ok(
  (public.sync_status() -> 'delay_ms' -> 'hour' ->> 'p50')::numeric between 250 and 500,
  'a percentile lies within its bounds'
);
select ok((public.sync_status() -> 'delay_ms' -> 'day' ->> 'p99')::numeric between 1000 and 2500, 'the last one, too');
select ok((public.sync_status() -> 'apply_ms' -> 'hour' ->> 'p50')::numeric between 5 and 10, 'the call has its own times');
select is(
  (public.sync_status() -> 'open') - 'oldest_at', '{"failed": 1, "rejected": 1, "newest_error": "code"}', 'open failures are told'
);
select is(
  (public.sync_status() -> 'open' ->> 'oldest_at')::timestamptz, now() - interval '2 days', 'with the age of the oldest'
);
select is((public.sync_status() -> 'last' ->> 'applied')::timestamptz, now() - interval '10 seconds', 'when an event was last applied');
select is((public.sync_status() -> 'last' ->> 'failed')::timestamptz, now() - interval '2 hours', 'and when one last failed');
select is(public.sync_status() -> 'last' ->> 'ignored', null, 'never is null');

select public.upsert_user('user_x', p_event_id => 'msg_failed', p_event_type => 'user.created');
select is(
  (public.sync_status() -> 'open') - 'oldest_at', '{"failed": 0, "rejected": 1, "newest_error": null}', 'a later delivery closes a failure'
);

select is(
  public.sync_metrics() -> 'events' -> 'user.updated', '{"applied": 2}', 'the counters go back as far as the counts'
);
select is(
  (select sum((h ->> 'events')::integer)::integer from jsonb_array_elements(public.sync_metrics() -> 'delay_ms') h),
  6,
  'the histograms hold every settled event once'
);
select is(
  (select sum((e ->> 'events')::integer)::integer from jsonb_array_elements(public.sync_event_series(60)) e where e ->> 'outcome' = 'applied'),
  3,
  'the chart of an hour holds the hour'
);
insert into clerk_sync.event_counts (width, bucket_at, event_type, outcome, events)
select 'minute', date_trunc('minute', now() - make_interval(mins => m)), 'chart.test', 'ignored', 1
from generate_series(2, 1400) m;
select is(
  (select count(*) from jsonb_array_elements(public.sync_event_series(1440)) e where e ->> 'outcome' = 'ignored'),
  1399::bigint,
  'that of a day holds every minute, more than the Data API lists'
);
select is(
  (public.sync_event_series(1440) -> -1 ->> 'minute_at')::timestamptz,
  (select max((e ->> 'minute_at')::timestamptz) from jsonb_array_elements(public.sync_event_series(1440)) e),
  'and ends with the newest'
);
select is(
  (
    select jsonb_agg(e -> 'events' order by e ->> 'minute_at')
    from jsonb_array_elements(public.sync_event_series(1440, 15)) e
    where e ->> 'outcome' = 'ignored'
      and (e ->> 'minute_at')::timestamptz between now() - interval '20 hours' and now() - interval '19 hours 30 minutes'
  ),
  '[15, 15]',
  'in buckets of a quarter of an hour each holds fifteen minutes'
);
delete from clerk_sync.event_counts where event_type = 'chart.test';
insert into clerk_sync.event_counts (width, bucket_at, event_type, outcome, events)
select 'hour', date_bin('2 hours', now() - interval '5 days', 'epoch') + make_interval(hours => h), 'chart.test', 'ignored', 1
from generate_series(0, 3) h;
select is(
  (select jsonb_agg(e -> 'events') from jsonb_array_elements(public.sync_event_series(10080, 120)) e where e ->> 'outcome' = 'ignored'),
  '[2, 2]',
  'that of a week is made of hours'
);
delete from clerk_sync.event_counts where event_type = 'chart.test';

select results_eq(
  $$ select event_id from public.sync_list_events(p_limit => 2) $$,
  $$ values ('msg_failed'), ('msg_now') $$,
  'the newest events come first'
);
select results_eq(
  $$ select event_id from public.sync_list_events('{failed,rejected}') $$, $$ values ('msg_rejected') $$, 'by outcome'
);
select results_eq(
  $$ select event_id from public.sync_list_events(p_event_type => 'user.updated') $$,
  $$ values ('msg_hours'), ('msg_days') $$,
  'by type'
);
select results_eq(
  $$ select event_id from public.sync_list_events(p_clerk_id => 'user_of_msg_hours') $$, $$ values ('msg_hours') $$, 'by Clerk id'
);
select results_eq(
  $$ select event_id from public.sync_list_events(p_clerk_id => 'msg_hours') $$, $$ values ('msg_hours') $$, 'by svix-id'
);
select results_eq(
  $$ select event_id from public.sync_list_events(p_since => now() - interval '25 minutes', p_before => now() - interval '1 minute') $$,
  $$ values ('msg_minutes') $$,
  'of a span of time'
);
select results_eq(
  $$ select next_attempt_at - now() from public.sync_list_events(p_clerk_id => 'msg_rejected') $$,
  $$ values (null::interval) $$,
  'what is rejected is not delivered again'
);
select results_eq(
  $$ select event_id from public.sync_list_events(p_before => now() - interval '4 days') $$, $$ values ('msg_old') $$, 'from a time on'
);

select public.set_membership('org_y', 'user_y', p_external_id => 'orgmem_y', p_event_id => 'msg_membership');
select public.record_event(
  'msg_not_yet', 'failed', p_object_id => 'orgmem_z', p_user_external_id => 'user_y', p_organization_external_id => 'org_z'
);
select results_eq(
  format('select event_id from public.sync_list_events(p_clerk_id => %L)', clerk_id),
  format('select unnest(%L::text[])', events),
  'the events about ' || clerk_id || ', its own and those that name it'
)
from (
  values
    ('user_y', '{msg_not_yet,msg_membership}'),
    ('org_y', '{msg_membership}'),
    ('org_z', '{msg_not_yet}'),
    ('orgmem_y', '{msg_membership}'),
    ('user_of_nobody', '{}')
) t (clerk_id, events);
select public.remove_membership('org_y', p_external_id => 'orgmem_y', p_event_id => 'msg_removed');
select results_eq(
  $$ select event_id from public.sync_list_events(p_clerk_id => 'user_y', p_outcomes => '{applied}') $$,
  $$ values ('msg_removed'), ('msg_membership') $$,
  'a removal that names no user is one of the user''s'
);
select brin_summarize_new_values('clerk_sync.events_by_clerk_id');
select results_eq(
  $$ select event_id from public.sync_list_events(p_clerk_id => 'user_y') $$,
  $$ values ('msg_removed'), ('msg_not_yet'), ('msg_membership') $$,
  'the index finds what was there before it was brought up to date'
);
select public.record_event('msg_later', 'ignored', p_object_id => 'user_y');
select results_eq(
  $$ select event_id from public.sync_list_events(p_clerk_id => 'user_y', p_outcomes => '{ignored,applied}') $$,
  $$ values ('msg_later'), ('msg_removed'), ('msg_membership') $$,
  'and what came after'
);

select ok(
  public.sync_row_counts() @> '{"users": {"is_estimate": false}}' and (public.sync_row_counts() -> 'users' ->> 'rows')::integer >= 2,
  'small tables are counted exactly'
);
create temporary table before as
select public.sync_row_counts() as counts;
select public.delete_user('user_x');
select results_eq(
  $$
    select
      (n.counts -> 'users' ->> 'rows')::integer - (b.counts -> 'users' ->> 'rows')::integer,
      (n.counts -> 'users' ->> 'deleted')::integer - (b.counts -> 'users' ->> 'deleted')::integer,
      n.counts -> 'user_sessions' -> 'deleted'
    from before b
    cross join (select public.sync_row_counts() as counts) n
  $$,
  $$ values (-1, 1, 'null'::jsonb) $$,
  'a row that was deleted and is kept is counted as such; a table that keeps none says null'
);

select * from finish();
rollback;
