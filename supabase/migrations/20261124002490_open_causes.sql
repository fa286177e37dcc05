-- What is open, by what is in the way: seventy-one events that one constraint refuses are one thing to mend.

create function clerk_sync.next_attempt_at(
  p_attempts integer,
  p_last_received_at timestamptz
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Svix: so long after the first attempt, where every one fails. https://docs.svix.com/retries
  c_schedule constant interval[] := '{0, 00:00:05, 00:05:05, 00:35:05, 02:35:05, 07:35:05, 17:35:05, 27:35:05}'::interval[];
  v_first_at constant timestamptz := p_last_received_at - c_schedule[p_attempts];
  v_after interval;
begin
  foreach v_after in array c_schedule[p_attempts + 1:] loop
    if v_first_at + v_after > now() then
      return v_first_at + v_after;
    end if;
  end loop;
  return null;
end;
$$;

revoke execute on function clerk_sync.next_attempt_at(integer, timestamptz)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.next_attempt_at(integer, timestamptz) is
  'When Svix delivers an event again that failed so often, the last time then; null: by its schedule, never. An estimate: it '
  'varies each pause by a fifth, what did not reach the database is not counted, and what was sent by hand is.';

create function public.sync_open_causes(
  p_limit integer default 50
)
returns table (
  outcome text,
  error_code text,
  error text,
  events bigint,
  event_types jsonb,
  first_received_at timestamptz,
  last_received_at timestamptz,
  next_attempt_at timestamptz,
  not_again bigint,
  newest_event_id text
)
language plpgsql
stable
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- the open ones are few among many
as $$
declare
  c_within constant integer := 10000;
  v_limit constant integer := least(clerk_sync.list_limit(p_limit), 500);
begin
  return query
  with open as (
    select
      e.*,
      case when e.outcome = 'failed' then clerk_sync.next_attempt_at(e.attempts, e.last_received_at) end as next_attempt_at
    from unnest('{failed,rejected}'::clerk_sync.event_outcome[]) o (outcome)
    cross join lateral (
      select *
      from clerk_sync.events
      where events.outcome = o.outcome
      order by events.outcome_at desc
      limit c_within
    ) e
  )
  select
    o.outcome::text,
    o.error_code,
    o.error,
    count(*),
    (
      select jsonb_object_agg(t.event_type, t.events)
      from (select event_type, count(*) as events from unnest(array_agg(o.event_type)) n (event_type) group by event_type) t
    ),
    min(o.first_received_at),
    max(o.last_received_at),
    min(o.next_attempt_at),
    count(*) filter (where o.next_attempt_at is null),
    (array_agg(o.event_id::text order by o.outcome_at desc, o.event_id))[1]
  from open o
  group by o.outcome, o.error_code, o.error
  order by o.outcome = 'failed' desc, count(*) desc, max(o.last_received_at) desc
  limit v_limit;
end;
$$;

revoke execute on function public.sync_open_causes(integer)
  from public, anon, authenticated;
grant execute on function public.sync_open_causes(integer)
  to service_role;

comment on function public.sync_open_causes(integer) is
  'What is in the way of the events that failed or were rejected and that no later delivery settled, among the newest 10,000 of '
  'each: a row for each error_code and error, failed ones first, the commonest first, at most 500. event_types: how many of '
  'each, {"user.created": 71}. next_attempt_at: when Svix delivers the first of them again, by its schedule: an estimate; '
  'null: none. not_again: how many it does not deliver again by itself. newest_event_id: one to look at. For service_role only.';
