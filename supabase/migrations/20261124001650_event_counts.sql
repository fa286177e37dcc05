-- Counts of the ledger by the minute, the hour and in all, so that no question about the sync reads the ledger. They are
-- made from it afterwards, a few minutes at a time, by whoever asks: an event is written no slower for being counted.

create table clerk_sync.event_counts (
  width text not null,
  bucket_at timestamptz not null,
  event_type text not null,
  outcome clerk_sync.event_outcome not null,
  events bigint not null,
  constraint event_counts_are_of_one_kind primary key (width, bucket_at, event_type, outcome),
  constraint width_is_known check (width in ('minute', 'hour', 'all'))
);

alter table clerk_sync.event_counts enable row level security;

comment on table clerk_sync.event_counts is
  'How many events got an outcome in a minute, in an hour, or ever. An event that failed and was applied later is in '
  'both, each at its time.';
comment on column clerk_sync.event_counts.width is 'minute (kept for 25 hours), hour (kept for 8 days) or all.';
comment on column clerk_sync.event_counts.bucket_at is 'When the minute or the hour began; -infinity for all.';
comment on column clerk_sync.event_counts.event_type is 'Clerk''s event name.';
comment on column clerk_sync.event_counts.outcome is 'The outcome that they got.';
comment on column clerk_sync.event_counts.events is 'How many.';

create table clerk_sync.event_timings (
  width text not null,
  bucket_at timestamptz not null,
  measure text not null,
  upper_ms double precision not null,
  events bigint not null,
  total_ms double precision not null,
  constraint event_timings_are_of_one_kind primary key (width, bucket_at, measure, upper_ms),
  constraint width_is_known check (width in ('minute', 'hour', 'all')),
  constraint measure_is_known check (measure in ('delay', 'apply'))
);

alter table clerk_sync.event_timings enable row level security;

comment on table clerk_sync.event_timings is 'Histograms of how long settled events took, in a minute, in an hour, or ever.';
comment on column clerk_sync.event_timings.width is 'minute (kept for 25 hours), hour (kept for 8 days) or all.';
comment on column clerk_sync.event_timings.bucket_at is 'When the minute or the hour began; -infinity for all.';
comment on column clerk_sync.event_timings.measure is
  'delay: from the event at Clerk to its commit here. apply: the call that applied it.';
comment on column clerk_sync.event_timings.upper_ms is 'They took less than so many milliseconds, and at least the bound below.';
comment on column clerk_sync.event_timings.events is 'How many.';
comment on column clerk_sync.event_timings.total_ms is 'How long they took together, in milliseconds.';

create table clerk_sync.counted (
  is_counted boolean primary key default true,
  until timestamptz not null,
  constraint there_is_one_mark check (is_counted)
);

alter table clerk_sync.counted enable row level security;

comment on table clerk_sync.counted is 'How far the ledger is counted: one row, or none at first.';
comment on column clerk_sync.counted.is_counted is 'Always true: there is at most one row.';
comment on column clerk_sync.counted.until is
  'Events whose outcome is older than this are in the counts. Ahead of now only until somebody asks, after the clock was put back.';

create function clerk_sync.bounds_ms()
returns double precision[]
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select array[
    0, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 3600000, 'infinity'
  ]::double precision[];
$$;

revoke execute on function clerk_sync.bounds_ms()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.bounds_ms() is 'The bounds of the histograms, in milliseconds: to an hour, then to infinity.';

create function clerk_sync.upper_ms(
  p_ms double precision
)
returns double precision
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select (clerk_sync.bounds_ms())[1 + width_bucket(p_ms, clerk_sync.bounds_ms())];
$$;

revoke execute on function clerk_sync.upper_ms(double precision)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.upper_ms(double precision) is 'The bound of a histogram below which a time lies.';

create function clerk_sync.lower_ms(
  p_upper_ms double precision
)
returns double precision
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select (clerk_sync.bounds_ms())[array_position(clerk_sync.bounds_ms(), p_upper_ms) - 1];
$$;

revoke execute on function clerk_sync.lower_ms(double precision)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lower_ms(double precision) is 'The bound of a histogram below another one.';

create function clerk_sync.timings_between(
  p_from timestamptz,
  p_until timestamptz
)
returns table (
  settled_at timestamptz,
  measure text,
  ms double precision
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select e.outcome_at, t.measure, t.ms
  from clerk_sync.events e
  cross join lateral (
    values
      ('delay', greatest(extract(epoch from e.outcome_at - e.event_at) * 1000, 0)::double precision),
      ('apply', e.apply_us / 1000::double precision)
  ) t (measure, ms)
  where e.outcome in ('applied', 'stale')
    and e.outcome_at >= p_from
    and e.outcome_at < p_until
    and t.ms is not null;
end;
$$;

revoke execute on function clerk_sync.timings_between(timestamptz, timestamptz)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.timings_between(timestamptz, timestamptz) is
  'How long each event took that was settled in a span of time: its delay, and the call that applied it.';

create function clerk_sync.uncount_events(
  p_from timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with gone as (
    delete from clerk_sync.event_counts
    where width in ('minute', 'hour')
      and bucket_at >= p_from
    returning width, event_type, outcome, events
  )
  update clerk_sync.event_counts known
  set events = known.events - counted.events
  from (
    select event_type, outcome, sum(events) as events
    from gone
    where width = 'hour'
    group by event_type, outcome
  ) counted
  where known.width = 'all'
    and known.event_type = counted.event_type
    and known.outcome = counted.outcome;

  with gone as (
    delete from clerk_sync.event_timings
    where width in ('minute', 'hour')
      and bucket_at >= p_from
    returning width, measure, upper_ms, events, total_ms
  )
  update clerk_sync.event_timings known
  set events = known.events - counted.events,
      total_ms = known.total_ms - counted.total_ms
  from (
    select measure, upper_ms, sum(events) as events, sum(total_ms) as total_ms
    from gone
    where width = 'hour'
    group by measure, upper_ms
  ) counted
  where known.width = 'all'
    and known.measure = counted.measure
    and known.upper_ms = counted.upper_ms;
$$;

revoke execute on function clerk_sync.uncount_events(timestamptz)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.uncount_events(timestamptz) is
  'Takes what was counted from the beginning of an hour on out of the counts again. The caller counts it anew.';

-- A minute is counted when it is over for a minute: no call that is still under way can settle an event in it. Hour by
-- hour, and for a second at the most: who asks after a long time gets a part of the past, and the next one the rest.
-- A clock that was ahead leaves a mark in the future: what comes now would be in no count until then.
create function clerk_sync.count_events()
returns timestamptz
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at_latest constant timestamptz := clock_timestamp() + interval '1 second';
  v_until constant timestamptz := date_trunc('minute', now() - interval '1 minute');
  v_from timestamptz;
  v_to timestamptz;
  v_is_ahead boolean;
begin
  select until into v_from from clerk_sync.counted;
  if v_from between v_until and clock_timestamp()
    or not pg_try_advisory_xact_lock(hashtextextended('count_events', 0))
  then
    return v_from;
  end if;

  -- Read again, now that nobody else counts.
  select until into v_from from clerk_sync.counted;
  v_is_ahead := v_from > clock_timestamp();
  if v_is_ahead then
    -- Nobody knows since when the clock is right again: the last hour in which anything was counted is from before.
    select max(bucket_at)
    into v_from
    from clerk_sync.event_counts
    where width = 'hour'
      and bucket_at <= v_until;
  end if;
  v_from := greatest(coalesce(v_from, '-infinity'), v_until - interval '8 days');
  if v_is_ahead then
    perform clerk_sync.uncount_events(v_from);
  end if;

  while v_from < v_until and clock_timestamp() < v_at_latest loop
    v_to := least(v_until, v_from + interval '1 hour');

    insert into clerk_sync.event_counts as known (width, bucket_at, event_type, outcome, events)
    select w.width, w.bucket_at, e.event_type, e.outcome, count(*)
    from clerk_sync.events e
    cross join lateral (
      values
        ('minute', date_trunc('minute', e.outcome_at)),
        ('hour', date_trunc('hour', e.outcome_at)),
        ('all', '-infinity')
    ) w (width, bucket_at)
    where e.outcome = any (enum_range(null::clerk_sync.event_outcome))
      and e.outcome_at >= v_from
      and e.outcome_at < v_to
    group by 1, 2, 3, 4
    on conflict (width, bucket_at, event_type, outcome) do update
    set events = known.events + excluded.events;

    insert into clerk_sync.event_timings as known (width, bucket_at, measure, upper_ms, events, total_ms)
    select w.width, w.bucket_at, t.measure, clerk_sync.upper_ms(t.ms), count(*), sum(t.ms)
    from clerk_sync.timings_between(v_from, v_to) t
    cross join lateral (
      values
        ('minute', date_trunc('minute', t.settled_at)),
        ('hour', date_trunc('hour', t.settled_at)),
        ('all', '-infinity')
    ) w (width, bucket_at)
    group by 1, 2, 3, 4
    on conflict (width, bucket_at, measure, upper_ms) do update
    set events = known.events + excluded.events,
        total_ms = known.total_ms + excluded.total_ms;

    v_from := v_to;
  end loop;

  delete from clerk_sync.event_counts
  where width = 'minute' and bucket_at < now() - interval '25 hours'
    or width = 'hour' and bucket_at < now() - interval '8 days';
  delete from clerk_sync.event_timings
  where width = 'minute' and bucket_at < now() - interval '25 hours'
    or width = 'hour' and bucket_at < now() - interval '8 days';

  insert into clerk_sync.counted (until)
  values (v_from)
  on conflict (is_counted) do update
  set until = excluded.until;
  return v_from;
end;
$$;

revoke execute on function clerk_sync.count_events()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.count_events() is
  'Brings the counts up to the last full minute, for a second at the most, and returns up to when they reach; null: '
  'nothing is counted yet. Who finds another one counting takes the counts as they are. After the clock was put back, events '
  'that are dated in the future are counted when their time comes.';
