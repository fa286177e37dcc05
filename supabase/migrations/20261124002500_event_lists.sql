-- Reading the ledger: the newest events, those that are open, and the chart of a status page.

create function public.sync_list_events(
  p_outcomes text[] default null,
  p_event_type text default null,
  p_clerk_id text default null,
  p_before timestamptz default null,
  p_limit integer default 50,
  p_since timestamptz default null
)
returns table (
  event_id text,
  event_type text,
  object_id text,
  user_external_id text,
  organization_external_id text,
  event_at timestamptz,
  first_received_at timestamptz,
  last_received_at timestamptz,
  attempts integer,
  outcome text,
  outcome_at timestamptz,
  effect text,
  apply_ms double precision,
  next_attempt_at timestamptz,
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
  v_since constant timestamptz := coalesce(p_since, '-infinity');
begin
  if p_clerk_id is not null then
    return query
    select e.event_id::text, e.event_type, e.object_id, e.user_external_id, e.organization_external_id, e.event_at,
      e.first_received_at, e.last_received_at, e.attempts, e.outcome::text, e.outcome_at, e.effect, e.apply_us / 1000.0::double precision,
      case when e.outcome = 'failed' then clerk_sync.next_attempt_at(e.attempts, e.last_received_at) end, e.error_code, e.error
    from clerk_sync.events e
    where (
        e.event_id = p_clerk_id
        or e.object_id = p_clerk_id
        or e.user_external_id = p_clerk_id
        or e.organization_external_id = p_clerk_id
      )
      and e.outcome_at < v_before
      and e.outcome_at >= v_since
      and (p_outcomes is null or e.outcome::text = any (p_outcomes))
      and (p_event_type is null or e.event_type = p_event_type)
    order by e.outcome_at desc, e.event_id
    limit v_limit;
    return;
  end if;

  return query
  select e.event_id::text, e.event_type, e.object_id, e.user_external_id, e.organization_external_id, e.event_at,
    e.first_received_at, e.last_received_at, e.attempts, e.outcome::text, e.outcome_at, e.effect, e.apply_us / 1000.0::double precision,
    case when e.outcome = 'failed' then clerk_sync.next_attempt_at(e.attempts, e.last_received_at) end, e.error_code, e.error
  from unnest(enum_range(null::clerk_sync.event_outcome)) o (outcome)
  cross join lateral (
    select *
    from clerk_sync.events
    where events.outcome = o.outcome
      and events.outcome_at < v_before
      and events.outcome_at >= v_since
    order by events.outcome_at desc
    limit case when p_event_type is null then v_limit else c_within end
  ) e
  where (p_outcomes is null or e.outcome::text = any (p_outcomes))
    and (p_event_type is null or e.event_type = p_event_type)
  order by e.outcome_at desc, e.event_id
  limit v_limit;
end;
$$;

revoke execute on function public.sync_list_events(text[], text, text, timestamptz, integer, timestamptz)
  from public, anon, authenticated;
grant execute on function public.sync_list_events(text[], text, text, timestamptz, integer, timestamptz)
  to service_role;

comment on function public.sync_list_events(text[], text, text, timestamptz, integer, timestamptz) is
  'The newest events of the ledger, at most 500: with some outcomes, of a type (among the newest 20,000 of each outcome), '
  'about a Clerk id (user_…, org_…, orgmem_…, sess_…; of a user or organization also what names it: memberships, sessions) or '
  'the one with that svix-id, whose outcome is of before p_before and not of before p_since. effect: what an applied event did '
  'to its row (created, changed, deleted, remembered), or why one is stale (newer_state, newer_membership, over). '
  'next_attempt_at: when Svix delivers a failed one again, by its schedule: an estimate. For service_role only.';

-- One value and no rows: of a day's there may be seven thousand, and the Data API cuts a list after its max_rows.
create function public.sync_event_series(
  p_minutes integer default 60,
  p_bucket_minutes integer default 1
)
returns jsonb
language plpgsql
volatile
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
declare
  v_width constant text := case when p_minutes > 1440 then 'hour' else 'minute' end;
  v_bucket constant interval := make_interval(mins => least(greatest(p_bucket_minutes, 1), 1440));
begin
  perform clerk_sync.count_events();

  return (
    select coalesce(jsonb_agg(to_jsonb(series) order by minute_at, outcome), '[]')
    from (
      select
        date_bin(v_bucket, c.bucket_at, 'epoch') as minute_at,
        c.outcome::text as outcome,
        sum(c.events)::bigint as events
      from clerk_sync.counts_since(
        v_width, date_trunc(v_width, now() - make_interval(mins => least(greatest(p_minutes, 1), 10080)))
      ) c
      group by 1, 2
    ) series
  );
end;
$$;

revoke execute on function public.sync_event_series(integer, integer)
  from public, anon, authenticated;
grant execute on function public.sync_event_series(integer, integer)
  to service_role;

comment on function public.sync_event_series(integer, integer) is
  'Events by outcome over the last minutes, 1 to 10,080 (a week), the oldest first: [{"minute_at": when a bucket of '
  'p_bucket_minutes began, "outcome", "events"}, …]; one without any has no entry. Beyond a day it is made of hours, which no '
  'smaller bucket splits. For service_role only.';

create function public.sync_row_counts()
returns jsonb
language plpgsql
stable
security definer -- like every RPC of the sync
set search_path = pg_catalog, pg_temp
as $$
declare
  -- One that has a deleted_at keeps what was deleted.
  c_tables constant text[] :=
    '{users,organizations,organization_members,user_sessions,subscriptions,organization_invitations}'::text[];
  -- Counting a larger table would take longer than anybody looks at a page.
  c_exact_below constant real := 100000;
  v_counts jsonb := '{}'::jsonb;
  v_table text;
  v_keeps_deleted boolean;
  v_rows bigint;
  v_deleted bigint;
begin
  foreach v_table in array c_tables loop
    v_deleted := null;
    select
      c.reltuples::bigint,
      exists (
        select
        from pg_catalog.pg_attribute a
        where a.attrelid = c.oid
          and a.attname = 'deleted_at'
          and not a.attisdropped
      )
    into v_rows, v_keeps_deleted
    from pg_catalog.pg_class c
    where c.oid = format('public.%I', v_table)::regclass;

    if v_rows >= c_exact_below then
      v_counts := v_counts || jsonb_build_object(v_table, jsonb_build_object('rows', v_rows, 'deleted', null, 'is_estimate', true));
      continue;
    elsif v_keeps_deleted then
      execute format(
        'select count(*) filter (where deleted_at is null), count(*) filter (where deleted_at is not null) from public.%I', v_table
      )
      into v_rows, v_deleted;
    else
      execute format('select count(*) from public.%I', v_table)
      into v_rows;
    end if;
    v_counts := v_counts || jsonb_build_object(
      v_table, jsonb_build_object('rows', v_rows, 'deleted', v_deleted, 'is_estimate', false)
    );
  end loop;
  return v_counts;
end;
$$;

revoke execute on function public.sync_row_counts()
  from public, anon, authenticated;
grant execute on function public.sync_row_counts()
  to service_role;

comment on function public.sync_row_counts() is
  'How many rows the tables of the app have: {"users": {"rows": those not deleted, "deleted": those that were and are kept, '
  '"is_estimate": false}, …}; deleted is null where a table keeps none. Above 100,000 rows is PostgreSQL''s own estimate of all, '
  'and deleted null. For service_role only.';

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
