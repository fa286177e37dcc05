-- count_events after the database's clock was ahead for a while: nothing that comes later is left out, nothing counted twice.
begin;
set local search_path = public, extensions;
select plan(9);

delete from clerk_sync.events where true;
delete from clerk_sync.event_counts where true;
delete from clerk_sync.event_timings where true;
delete from clerk_sync.counted where true;

create function pg_temp.enter(p_id text, p_at timestamptz)
returns void
language sql
as $$
  insert into clerk_sync.events (event_id, event_type, event_at, outcome, outcome_at, apply_us)
  values (p_id, 'user.created', p_at - interval '3 seconds', 'applied', p_at, 7000);
$$;

-- What count_events makes of an event, whatever the time is.
create function pg_temp.count(p_at timestamptz)
returns void
language sql
as $$
  insert into clerk_sync.event_counts as known (width, bucket_at, event_type, outcome, events)
  select width, bucket_at, 'user.created', 'applied', 1
  from (
    values ('minute', date_trunc('minute', p_at)), ('hour', date_trunc('hour', p_at)), ('all', '-infinity')
  ) w (width, bucket_at)
  on conflict (width, bucket_at, event_type, outcome) do update
  set events = known.events + 1;

  insert into clerk_sync.event_timings as known (width, bucket_at, measure, upper_ms, events, total_ms)
  select w.width, w.bucket_at, m.measure, clerk_sync.upper_ms(m.ms), 1, m.ms
  from (
    values ('minute', date_trunc('minute', p_at)), ('hour', date_trunc('hour', p_at)), ('all', '-infinity')
  ) w (width, bucket_at)
  cross join (values ('delay', 3000::double precision), ('apply', 7)) m (measure, ms)
  on conflict (width, bucket_at, measure, upper_ms) do update
  set events = known.events + 1,
      total_ms = known.total_ms + excluded.total_ms;
$$;

create function pg_temp.counted(p_width text)
returns bigint
language sql
as $$
  select coalesce(sum(events), 0)::bigint from clerk_sync.event_counts where width = p_width;
$$;

-- Three events and a count before, one and a count while the clock was two days ahead, three before anybody asks.
select pg_temp.enter('msg_before_' || hours, now() - interval '1 hour' * hours), pg_temp.count(now() - interval '1 hour' * hours)
from unnest('{3,5,7}'::integer[]) as hours;
select pg_temp.enter('msg_ahead', now() + interval '2 days'), pg_temp.count(now() + interval '2 days');
insert into clerk_sync.counted (until) values (date_trunc('minute', now() + interval '2 days 10 minutes'));
select pg_temp.enter('msg_hours_after', now() - interval '90 minutes');
select pg_temp.enter('msg_after', date_trunc('minute', now() - interval '2 minutes'));
select pg_temp.enter('msg_now', now());

select ok(clerk_sync.count_events() <= now(), 'the mark does not lie ahead of now');
select ok((select until <= now() from clerk_sync.counted), 'nor does what is kept of it');
select is(
  (public.sync_status() #>> '{events,week,user.created,applied}')::integer, 7, 'all events are told, once each'
);
select is(pg_temp.counted('all'), 5::bigint, 'those whose time has come are counted');
select is(pg_temp.counted('hour'), 5::bigint, 'in their hours');
select is_empty(
  $$ select from clerk_sync.event_counts where width <> 'all' and bucket_at > now() $$,
  'and nothing is counted in the future'
);
select results_eq(
  $$ select measure, sum(events), sum(total_ms) from clerk_sync.event_timings where width = 'all' group by 1 order by 1 $$,
  $$ values ('apply', 5::numeric, 35::double precision), ('delay', 5, 15000) $$,
  'their times are as many'
);

-- Two days later.
update clerk_sync.events
set outcome_at = outcome_at - interval '2 days 4 minutes'
where event_id = 'msg_ahead';
update clerk_sync.counted
set until = date_trunc('minute', now() - interval '4 minutes')
where is_counted;
update clerk_sync.events
set outcome_at = outcome_at - interval '1 day'
where event_id = 'msg_after';
select clerk_sync.count_events();

select is(pg_temp.counted('all'), 6::bigint, 'an event of the future is counted when its time comes');
select is(pg_temp.counted('hour'), 6::bigint, 'in its hour');

select * from finish();
rollback;
