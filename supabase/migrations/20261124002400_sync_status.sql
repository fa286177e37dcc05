-- How the sync is doing. Every answer is made of counts and of the ends of indexes: none reads the ledger.

create function clerk_sync.counts_since(
  p_width text,
  p_from timestamptz
)
returns table (
  bucket_at timestamptz,
  event_type text,
  outcome clerk_sync.event_outcome,
  events bigint
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_counted_until constant timestamptz := coalesce((select until from clerk_sync.counted), '-infinity');
begin
  return query
  select c.bucket_at, c.event_type, c.outcome, c.events
  from clerk_sync.event_counts c
  where c.width = p_width
    and c.bucket_at >= p_from
  union all
  select date_trunc('minute', e.outcome_at), e.event_type, e.outcome, count(*)
  from clerk_sync.events e
  where e.outcome = any (enum_range(null::clerk_sync.event_outcome))
    and e.outcome_at >= greatest(v_counted_until, now() - interval '1 hour')
  group by 1, 2, 3;
end;
$$;

revoke execute on function clerk_sync.counts_since(text, timestamptz)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.counts_since(text, timestamptz) is
  'Counts by type and outcome from a time on: those that were made, and the last minutes from the ledger.';

create function clerk_sync.count_summary(
  p_width text,
  p_from timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(event_type, by_outcome), '{}')
  from (
    select event_type, jsonb_object_agg(outcome, events) as by_outcome
    from (
      select event_type, outcome, sum(events) as events
      from clerk_sync.counts_since(p_width, p_from)
      group by event_type, outcome
    ) c
    group by event_type
  ) t;
$$;

revoke execute on function clerk_sync.count_summary(text, timestamptz)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.count_summary(text, timestamptz) is
  'Counts from a time on: {"user.created": {"applied": 3, "stale": 1}, …}.';

create function clerk_sync.timings_since(
  p_width text,
  p_from timestamptz,
  p_measure text
)
returns table (
  upper_ms double precision,
  events bigint,
  total_ms double precision
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_counted_until constant timestamptz := coalesce((select until from clerk_sync.counted), '-infinity');
begin
  return query
  select t.upper_ms, sum(t.events)::bigint, sum(t.total_ms)
  from (
    select h.upper_ms, h.events, h.total_ms
    from clerk_sync.event_timings h
    where h.width = p_width
      and h.bucket_at >= p_from
      and h.measure = p_measure
    union all
    select clerk_sync.upper_ms(r.ms), 1, r.ms
    from clerk_sync.timings_between(greatest(v_counted_until, now() - interval '1 hour'), 'infinity') r
    where r.measure = p_measure
  ) t
  group by t.upper_ms
  order by t.upper_ms;
end;
$$;

revoke execute on function clerk_sync.timings_since(text, timestamptz, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.timings_since(text, timestamptz, text) is
  'The histogram of a measure from a time on: what was counted, and the last minutes from the ledger.';

create function clerk_sync.timing_summary(
  p_width text,
  p_from timestamptz,
  p_measure text
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with histogram as (
    select
      upper_ms,
      events,
      clerk_sync.lower_ms(upper_ms) as lower_ms,
      sum(events) over (order by upper_ms) as up_to_here,
      sum(events) over () as in_all
    from clerk_sync.timings_since(p_width, p_from, p_measure)
  )
  select jsonb_build_object('events', coalesce(max(in_all), 0)) || coalesce(
    jsonb_object_agg(name, ms) filter (where name is not null), '{"p50": null, "p95": null, "p99": null}'
  )
  from (
    select distinct on (q.name)
      q.name,
      h.in_all,
      case
        when h.upper_ms = 'infinity' then h.lower_ms
        else round((h.lower_ms + (h.upper_ms - h.lower_ms) * (q.part * h.in_all - h.up_to_here + h.events) / h.events)::numeric, 1)::double precision
      end as ms
    from histogram h
    join (values ('p50', 0.5), ('p95', 0.95), ('p99', 0.99)) q (name, part) on h.up_to_here >= q.part * h.in_all
    order by q.name, h.upper_ms
  ) p;
$$;

revoke execute on function clerk_sync.timing_summary(text, timestamptz, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.timing_summary(text, timestamptz, text) is
  'A measure from a time on: {"events": n, "p50": ms, "p95": ms, "p99": ms}, within the bounds of the histogram.';

create function public.sync_status()
returns jsonb
language plpgsql
volatile
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
declare
  v_hour constant timestamptz := date_trunc('minute', now() - interval '1 hour');
  v_day constant timestamptz := date_trunc('minute', now() - interval '1 day');
  v_week constant timestamptz := date_trunc('hour', now() - interval '7 days');
begin
  perform clerk_sync.count_events();
  perform clerk_sync.settle_members(20000);

  return jsonb_build_object(
    'now', now(),
    'instance', public.sync_bound_instance(),
    'last', (
      select jsonb_object_agg(
        outcome,
        (select max(outcome_at) from clerk_sync.events e where e.outcome = o.outcome)
      )
      from unnest(enum_range(null::clerk_sync.event_outcome)) o (outcome)
      where outcome <> 'closed' -- nothing arrived then
    ),
    'events', jsonb_build_object(
      'hour', clerk_sync.count_summary('minute', v_hour),
      'day', clerk_sync.count_summary('minute', v_day),
      'week', clerk_sync.count_summary('hour', v_week)
    ),
    'delay_ms', jsonb_build_object(
      'hour', clerk_sync.timing_summary('minute', v_hour, 'delay'),
      'day', clerk_sync.timing_summary('minute', v_day, 'delay'),
      'week', clerk_sync.timing_summary('hour', v_week, 'delay')
    ),
    'apply_ms', jsonb_build_object(
      'hour', clerk_sync.timing_summary('minute', v_hour, 'apply'),
      'day', clerk_sync.timing_summary('minute', v_day, 'apply'),
      'week', clerk_sync.timing_summary('hour', v_week, 'apply')
    ),
    'open', (
      select jsonb_build_object(
        'failed', count(*) filter (where outcome = 'failed'),
        'rejected', count(*) filter (where outcome = 'rejected'),
        'oldest_at', min(outcome_at),
        'newest_error', (
          select concat_ws(': ', error_code, error)
          from clerk_sync.events
          where outcome = 'failed'
          order by outcome_at desc
          limit 1
        )
      )
      from clerk_sync.events
      where outcome in ('failed', 'rejected')
    ),
    -- Where its pages go on is of use to the backfill alone.
    'last_backfill', public.sync_last_run('backfill')
      #- '{state,users,place}' #- '{state,organizations,place}' #- '{state,memberships,place}',
    'last_drift_check', public.sync_last_run('drift'),
    'change_queue', clerk_sync.change_queue()
  );
end;
$$;

revoke execute on function public.sync_status()
  from public, anon, authenticated;
grant execute on function public.sync_status()
  to service_role;

comment on function public.sync_status() is
  'How the sync is doing: {"now", "instance": the Clerk instance that is followed, "last": when an event last got each '
  'outcome, "events": counts by type and outcome over the last "hour", "day" and "week", "delay_ms" (from Clerk to the '
  'commit) and "apply_ms" (the call): {"events", "p50", "p95", "p99"} over the same spans, "open": failed and rejected '
  'events that no later delivery settled, with the "newest_error" of those that failed, "last_backfill" and '
  '"last_drift_check" as sync_last_run returns them, "change_queue": {"sources", "is_there", "unsent", "unsent_since"}, null '
  'while it is off}. For service_role only.';
