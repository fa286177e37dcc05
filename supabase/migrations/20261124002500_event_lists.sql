-- Reading the ledger: the newest events, those that are open, and the chart of a status page.

create function public.sync_list_events(
  p_outcomes text[] default null,
  p_event_type text default null,
  p_clerk_id text default null,
  p_before timestamptz default null,
  p_limit integer default 50
)
returns table (
  event_id text,
  event_type text,
  object_id text,
  event_at timestamptz,
  first_received_at timestamptz,
  last_received_at timestamptz,
  attempts integer,
  outcome text,
  outcome_at timestamptz,
  error_code text,
  error text
)
language plpgsql
stable
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan -- each filter has its own index
set enable_seqscan = off -- what finds a Clerk id is thought to be dearer than it is
as $$
declare
  -- A type that is seldom is looked for among so many of the newest events, and no further.
  c_within constant integer := 20000;
  v_limit constant integer := least(clerk_sync.list_limit(p_limit), 500);
  v_before constant timestamptz := coalesce(p_before, 'infinity');
begin
  if p_clerk_id is not null then
    return query
    select e.event_id::text, e.event_type, e.object_id, e.event_at, e.first_received_at, e.last_received_at, e.attempts,
      e.outcome::text, e.outcome_at, e.error_code, e.error
    from clerk_sync.events e
    where (
        e.object_id = p_clerk_id
        or e.user_external_id = p_clerk_id
        or e.organization_external_id = p_clerk_id
      )
      and e.outcome_at < v_before
      and (p_outcomes is null or e.outcome::text = any (p_outcomes))
      and (p_event_type is null or e.event_type = p_event_type)
    order by e.outcome_at desc, e.event_id
    limit v_limit;
    return;
  end if;

  return query
  select e.event_id::text, e.event_type, e.object_id, e.event_at, e.first_received_at, e.last_received_at, e.attempts,
    e.outcome::text, e.outcome_at, e.error_code, e.error
  from unnest(enum_range(null::clerk_sync.event_outcome)) o (outcome)
  cross join lateral (
    select *
    from clerk_sync.events
    where events.outcome = o.outcome
      and events.outcome_at < v_before
    order by events.outcome_at desc
    limit case when p_event_type is null then v_limit else c_within end
  ) e
  where (p_outcomes is null or e.outcome::text = any (p_outcomes))
    and (p_event_type is null or e.event_type = p_event_type)
  order by e.outcome_at desc, e.event_id
  limit v_limit;
end;
$$;

revoke execute on function public.sync_list_events(text[], text, text, timestamptz, integer)
  from public, anon, authenticated;
grant execute on function public.sync_list_events(text[], text, text, timestamptz, integer)
  to service_role;

comment on function public.sync_list_events(text[], text, text, timestamptz, integer) is
  'The newest events of the ledger, at most 500: with some outcomes, of a type (among the newest 20,000 of each outcome), '
  'about a Clerk id (user_…, org_…, orgmem_…, sess_…; of a user or organization also what names it: memberships, sessions), '
  'before a time. For service_role only.';

-- One value and no rows: of a day's there may be seven thousand, and the Data API cuts a list after its max_rows.
create function public.sync_event_series(
  p_minutes integer default 60
)
returns jsonb
language plpgsql
volatile
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
begin
  perform clerk_sync.count_events();

  return (
    select coalesce(jsonb_agg(to_jsonb(series) order by minute_at, outcome), '[]')
    from (
      select c.bucket_at as minute_at, c.outcome::text as outcome, sum(c.events)::bigint as events
      from clerk_sync.counts_since(
        'minute', date_trunc('minute', now() - make_interval(mins => least(greatest(p_minutes, 1), 1440)))
      ) c
      group by 1, 2
    ) series
  );
end;
$$;

revoke execute on function public.sync_event_series(integer)
  from public, anon, authenticated;
grant execute on function public.sync_event_series(integer)
  to service_role;

comment on function public.sync_event_series(integer) is
  'Events a minute by outcome over the last minutes, 1 to 1440, the oldest first: [{"minute_at", "outcome", "events"}, …]; a '
  'minute without any has no entry. For service_role only.';

create function public.sync_row_counts()
returns jsonb
language plpgsql
stable
security definer -- like every RPC of the sync
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Counting a larger table would take longer than anybody looks at a page.
  c_exact_below constant real := 100000;
  v_counts jsonb := '{}'::jsonb;
  v_table text;
  v_rows bigint;
begin
  foreach v_table in array
    '{users,organizations,organization_members,user_sessions,subscriptions,organization_invitations}'::text[]
  loop
    select reltuples::bigint
    into v_rows
    from pg_catalog.pg_class
    where oid = format('public.%I', v_table)::regclass;

    if v_rows < c_exact_below then
      execute format(
        'select count(*) from public.%I%s',
        v_table,
        case when v_table in ('users', 'organizations') then ' where deleted_at is null' else '' end
      )
      into v_rows;
      v_counts := v_counts || jsonb_build_object(v_table, jsonb_build_object('rows', v_rows, 'is_estimate', false));
    else
      v_counts := v_counts || jsonb_build_object(v_table, jsonb_build_object('rows', v_rows, 'is_estimate', true));
    end if;
  end loop;
  return v_counts;
end;
$$;

revoke execute on function public.sync_row_counts()
  from public, anon, authenticated;
grant execute on function public.sync_row_counts()
  to service_role;

comment on function public.sync_row_counts() is
  'How many rows the tables of the app have, {"users": {"rows": n, "is_estimate": false}, …}: users and organizations '
  'without the deleted ones; above 100,000 PostgreSQL''s own estimate of all. For service_role only.';

create function public.sync_metrics()
returns jsonb
language plpgsql
volatile
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
begin
  perform clerk_sync.count_events();

  return jsonb_build_object(
    'events', clerk_sync.count_summary('all', '-infinity'),
    'delay_ms', (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from clerk_sync.timings_since('all', '-infinity', 'delay') t),
    'apply_ms', (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from clerk_sync.timings_since('all', '-infinity', 'apply') t)
  );
end;
$$;

revoke execute on function public.sync_metrics()
  from public, anon, authenticated;
grant execute on function public.sync_metrics()
  to service_role;

comment on function public.sync_metrics() is
  'Counters and histograms since the beginning: {"events": {type: {outcome: n}}, "delay_ms" and "apply_ms": [{"upper_ms", '
  '"events", "total_ms"}, …], each bound for itself, "Infinity" last}. For service_role only.';
