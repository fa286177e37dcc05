-- The ledger: one row for each svix-id, committed together with the event's effects.

create type clerk_sync.event_outcome as enum ('applied', 'stale', 'ignored', 'rejected', 'failed', 'closed');

comment on type clerk_sync.event_outcome is
  'How an event ended. applied and stale are settled: a further delivery is a duplicate. ignored: a type or an '
  'instance that the sync does not follow. rejected: not what Clerk sends. failed: the database could not apply it '
  'yet. closed: it failed or was rejected, and somebody decided to wait for it no longer.';

create table clerk_sync.events (
  event_id clerk_sync.id primary key,
  event_type text not null,
  object_id text,
  user_external_id text,
  organization_external_id text,
  event_at timestamptz,
  first_received_at timestamptz not null default clock_timestamp(),
  last_received_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 1,
  outcome clerk_sync.event_outcome not null,
  outcome_at timestamptz not null default clock_timestamp(),
  apply_us integer,
  error_code text,
  error text,
  effect text,
  ends_access boolean not null default false
) with (autovacuum_vacuum_insert_scale_factor = 0.02); -- what is not vacuumed yet is read whole by who looks for an id

alter table clerk_sync.events enable row level security;

create index events_newest on clerk_sync.events (outcome, outcome_at);
-- Ids come in no order, and most indexes would be written to anywhere: the first time after a checkpoint that is a whole page
-- of the log, for every event. This one holds filters of the ids in each four pages of the table, some 160 rows.
create index events_by_clerk_id on clerk_sync.events using brin (
  object_id text_bloom_ops (n_distinct_per_range = 160),
  user_external_id text_bloom_ops (n_distinct_per_range = 160),
  organization_external_id text_bloom_ops (n_distinct_per_range = 160)
) with (pages_per_range = 4);

comment on table clerk_sync.events is
  'One row an event (svix-id), however often it was delivered. Holds ids and times only: no payload, no personal '
  'data.';
comment on column clerk_sync.events.event_id is 'The svix-id header: the same on every retry, resend and replay.';
comment on column clerk_sync.events.event_type is 'Clerk''s event name, as user.created.';
comment on column clerk_sync.events.object_id is
  'The id in the event''s data: user_…, org_…, orgmem_…, sess_…, csub_item_…, csub_… or orginv_….';
comment on column clerk_sync.events.user_external_id is
  'Clerk id of the user whom the event concerns, where it names one or its membership is known.';
comment on column clerk_sync.events.organization_external_id is
  'Clerk id of the organization that the event concerns, where it names one.';
comment on column clerk_sync.events.event_at is 'When it happened at Clerk: the envelope''s timestamp.';
comment on column clerk_sync.events.first_received_at is 'When the first delivery was recorded.';
comment on column clerk_sync.events.last_received_at is 'When the latest delivery was recorded.';
comment on column clerk_sync.events.attempts is 'Deliveries recorded, the first one included.';
comment on column clerk_sync.events.outcome is 'How the latest delivery that was not a duplicate ended.';
comment on column clerk_sync.events.outcome_at is 'When it ended so.';
comment on column clerk_sync.events.apply_us is
  'How long the call took that applied it, in microseconds, waiting for locks included, and in a page from its beginning; null '
  'when it was not applied.';
comment on column clerk_sync.events.error_code is
  'SQLSTATE or a fixed word; null where nothing went wrong, and nothing was in the way.';
comment on column clerk_sync.events.error is
  'What went wrong, or of an applied event what was in the way: the field of the body, or the names of the constraint, table, '
  'column or function that refuse it. No value; null where nothing is to be named.';

-- Which columns it changed is not here: to compare each row with the one before takes an upsert_user a tenth longer.
comment on column clerk_sync.events.effect is
  'What it did to the row that it speaks of: created, changed, deleted, or remembered, while there is no such row. Of a stale '
  'one, what was here: newer_state, of the same object; newer_membership, of the same pair; over, the object or the membership '
  'had ended. Null: it did nothing, or its RPC does not tell.';
comment on column clerk_sync.events.ends_access is
  'Whether somebody''s access ends with it although a rule of the app''s refused it: while it is failed, that access is closed.';

-- Next to always empty, and asked by every question about access.
create index events_that_end_access on clerk_sync.events (user_external_id, organization_external_id)
  where outcome = 'failed' and ends_access;

create type clerk_sync.delivery as (
  event_id text,
  event_type text,
  event_at timestamptz,
  object_id text,
  user_external_id text,
  organization_external_id text,
  instance_id text
);

comment on type clerk_sync.delivery is 'One delivery of an event, as the ledger names it. Without an event id: a call by hand.';
comment on column clerk_sync.delivery.event_id is 'The svix-id; null for a call by hand.';
comment on column clerk_sync.delivery.event_type is 'Clerk''s event name.';
comment on column clerk_sync.delivery.event_at is 'When it happened at Clerk.';
comment on column clerk_sync.delivery.object_id is 'The id in the event''s data.';
comment on column clerk_sync.delivery.user_external_id is 'Clerk id of the user whom it concerns.';
comment on column clerk_sync.delivery.organization_external_id is 'Clerk id of the organization that it concerns.';
comment on column clerk_sync.delivery.instance_id is 'The Clerk instance that sent it; null: it does not say.';

-- A caller says by a header who it is, for a parameter would be another signature of every RPC. Only who may call an RPC is
-- asked: nobody gains anything by it.
create function clerk_sync.caller_source()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_source constant text := nullif(current_setting('request.headers', true), '')::json ->> 'clerk-sync-source';
begin
  return case when v_source in ('sync', 'backfill', 'drift') then v_source else 'hand' end;
end;
$$;

revoke execute on function clerk_sync.caller_source()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.caller_source() is
  'Why an RPC is called that has no event: what the header clerk-sync-source of the Data API''s request says, sync (the '
  'function sync-from-clerk), backfill or drift (the repair); else hand.';

create function clerk_sync.source()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Empty, and not null, where a former transaction of the connection had one.
  return coalesce(nullif(current_setting('clerk_sync.source', true), ''), 'hand');
end;
$$;

revoke execute on function clerk_sync.source()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.source() is
  'Why this transaction changes what it changes: webhook, sync, backfill, drift or hand, as the last RPC said by the setting '
  'clerk_sync.source; hand where there was none.';

-- Two deliveries of one event meet at a lock: the later waits until the earlier commits (then it is a duplicate) or
-- rolls back (then it takes the event on itself). The row is written once, at the end, when its outcome is known.
create function clerk_sync.begin_event(
  p_delivery clerk_sync.delivery
)
returns public.sync_outcome
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_outcome clerk_sync.event_outcome;
  v_is_of_another boolean;
begin
  perform
    pg_advisory_xact_lock_shared(hashtextextended('everything:', 0)),
    pg_advisory_xact_lock(hashtextextended('event:' || p_delivery.event_id, 0)),
    set_config(
      'clerk_sync.source', case when p_delivery.event_id is null then clerk_sync.caller_source() else 'webhook' end, true
    );
  if p_delivery.event_id is null then
    return null;
  end if;

  select
    (select outcome from clerk_sync.events where event_id = p_delivery.event_id),
    (select instance_id <> p_delivery.instance_id from clerk_sync.instance where is_bound)
  into v_outcome, v_is_of_another;

  if v_outcome in ('applied', 'stale') then
    update clerk_sync.events
    set attempts = attempts + 1,
        last_received_at = clock_timestamp()
    where event_id = p_delivery.event_id;
    return 'duplicate'::public.sync_outcome;
  elsif v_is_of_another then
    perform public.record_event(
      p_delivery.event_id, 'ignored', p_delivery.event_type, p_delivery.event_at, p_delivery.object_id, 'other_instance',
      null, p_delivery.user_external_id, p_delivery.organization_external_id
    );
    return 'ignored'::public.sync_outcome;
  end if;
  return null;
end;
$$;

revoke execute on function clerk_sync.begin_event(clerk_sync.delivery)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.begin_event(clerk_sync.delivery) is
  'Begins a delivery. Returns null when the caller is to apply it and to finish it, else how it ended here: duplicate, the '
  'event is settled, which is counted; ignored, it is of another instance than the one that the project is bound to. Waits '
  'for a twin that is being applied, and for a page. Says in clerk_sync.source why, until the transaction ends.';

create function clerk_sync.finish_event(
  p_delivery clerk_sync.delivery,
  p_is_applied boolean,
  p_error_code text default null,
  p_error text default null,
  p_effect text default null
)
returns public.sync_outcome
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_outcome constant clerk_sync.event_outcome := case when p_is_applied then 'applied'::clerk_sync.event_outcome else 'stale' end;
  v_is_unsettled boolean;
begin
  if p_delivery.event_id is not null then
    insert into clerk_sync.events as e (
      event_id, event_type, event_at, object_id, user_external_id, organization_external_id, outcome, first_received_at,
      apply_us, error_code, error, effect
    )
    values (
      p_delivery.event_id, coalesce(p_delivery.event_type, 'unknown'), p_delivery.event_at, p_delivery.object_id,
      p_delivery.user_external_id, p_delivery.organization_external_id, v_outcome, statement_timestamp(),
      date_part('epoch', clock_timestamp() - statement_timestamp()) * 1e6, p_error_code, p_error, p_effect
    )
    on conflict (event_id) do update
    set event_type = excluded.event_type,
        event_at = excluded.event_at,
        object_id = excluded.object_id,
        user_external_id = excluded.user_external_id,
        organization_external_id = excluded.organization_external_id,
        last_received_at = excluded.last_received_at,
        attempts = e.attempts + 1,
        outcome = excluded.outcome,
        outcome_at = excluded.outcome_at,
        apply_us = excluded.apply_us,
        error_code = excluded.error_code,
        error = excluded.error,
        effect = excluded.effect
    returning exists (select from clerk_sync.unsettled)
    into v_is_unsettled;

    -- Somebody has to come by: nothing runs here by itself. Last, for nothing is waited for behind it.
    if v_is_unsettled then
      perform clerk_sync.settle_members(2000);
    end if;
  end if;
  return v_outcome::text::public.sync_outcome;
end;
$$;

revoke execute on function clerk_sync.finish_event(clerk_sync.delivery, boolean, text, text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.finish_event(clerk_sync.delivery, boolean, text, text, text) is
  'Enters in the ledger how a delivery ended that begin_event let through, what was in the way all the same, and what it did, '
  'and returns the RPC''s outcome.';
