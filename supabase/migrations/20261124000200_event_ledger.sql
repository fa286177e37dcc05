-- The ledger: one row for each svix-id, committed together with the event's effects.

create type clerk_sync.event_outcome as enum ('applied', 'stale', 'ignored', 'rejected', 'failed');

comment on type clerk_sync.event_outcome is
  'How an event ended. applied and stale are settled: a further delivery is a duplicate. ignored: a type or an '
  'instance that the sync does not follow. rejected: not what Clerk sends. failed: the database could not apply it '
  'yet.';

create table clerk_sync.events (
  event_id text primary key,
  event_type text not null,
  object_id text,
  user_external_id text,
  organization_external_id text,
  event_at timestamptz,
  first_received_at timestamptz not null default clock_timestamp(),
  last_received_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 1,
  outcome clerk_sync.event_outcome not null,
  error_code text,
  error text,
  constraint event_id_is_not_empty check (event_id <> ''),
  constraint attempts_count_from_one check (attempts >= 1)
);

alter table clerk_sync.events enable row level security;

comment on table clerk_sync.events is
  'One row an event (svix-id), however often it was delivered. Holds ids and times only: no payload, no personal '
  'data.';
comment on column clerk_sync.events.event_id is 'The svix-id header: the same on every retry, resend and replay.';
comment on column clerk_sync.events.event_type is 'Clerk''s event name, as user.created.';
comment on column clerk_sync.events.object_id is 'The id in the event''s data: user_…, org_…, orgmem_… or sess_….';
comment on column clerk_sync.events.user_external_id is
  'Clerk id of the user whom the event concerns, where it names one.';
comment on column clerk_sync.events.organization_external_id is
  'Clerk id of the organization that the event concerns, where it names one.';
comment on column clerk_sync.events.event_at is 'When it happened at Clerk: the envelope''s timestamp.';
comment on column clerk_sync.events.first_received_at is 'When the first delivery was recorded.';
comment on column clerk_sync.events.last_received_at is 'When the latest delivery was recorded.';
comment on column clerk_sync.events.attempts is 'Deliveries recorded, the first one included.';
comment on column clerk_sync.events.outcome is 'How the latest delivery that was not a duplicate ended.';
comment on column clerk_sync.events.error_code is 'SQLSTATE or a fixed word; null when settled.';
comment on column clerk_sync.events.error is
  'What went wrong, in words that hold no value of the body; null when settled.';

-- Two deliveries of one event meet at the primary key: the later waits until the earlier commits (then it is a
-- duplicate) or rolls back (then it takes the event on itself).
create function clerk_sync.begin_event(
  p_event_id text,
  p_event_type text,
  p_event_at timestamptz,
  p_object_id text,
  p_user_external_id text,
  p_organization_external_id text
)
returns boolean
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_outcome clerk_sync.event_outcome;
begin
  if p_event_id is null then
    return true;
  end if;

  insert into clerk_sync.events (
    event_id, event_type, event_at, object_id, user_external_id, organization_external_id, outcome
  )
  values (
    p_event_id, coalesce(p_event_type, 'unknown'), p_event_at, p_object_id, p_user_external_id,
    p_organization_external_id, 'applied'
  )
  on conflict (event_id) do nothing;
  if found then
    return true;
  end if;

  update clerk_sync.events
  set attempts = attempts + 1,
      last_received_at = clock_timestamp()
  where event_id = p_event_id
  returning outcome into v_outcome;
  if v_outcome in ('applied', 'stale') then
    return false;
  end if;

  update clerk_sync.events
  set event_type = coalesce(p_event_type, 'unknown'),
      event_at = p_event_at,
      object_id = p_object_id,
      user_external_id = p_user_external_id,
      organization_external_id = p_organization_external_id,
      outcome = 'applied',
      error_code = null,
      error = null
  where event_id = p_event_id;
  return true;
end;
$$;

revoke execute on function clerk_sync.begin_event(text, text, timestamptz, text, text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.begin_event(text, text, timestamptz, text, text, text) is
  'Enters a delivery in the ledger. Returns true when the caller is to apply it, false when the event is settled. A '
  'null event id is a call by hand: nothing is entered. Waits for a twin that is being applied.';

create function clerk_sync.finish_event(
  p_event_id text,
  p_is_applied boolean
)
returns public.sync_outcome
language plpgsql
volatile
set search_path = ''
as $$
begin
  if p_is_applied then
    return 'applied';
  end if;

  update clerk_sync.events
  set outcome = 'stale'
  where event_id = p_event_id;
  return 'stale';
end;
$$;

revoke execute on function clerk_sync.finish_event(text, boolean)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.finish_event(text, boolean) is
  'Closes what begin_event opened, with the outcome that the RPC returns. begin_event entered it as applied, so only '
  'a stale event is written again.';
