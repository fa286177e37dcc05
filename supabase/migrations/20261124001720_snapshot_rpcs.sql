-- RPCs for subscription items and invitations: subscriptionItem.*, subscription.* and organizationInvitation.*, a page of them,
-- and the same by hand. One event may tell of several objects, so that each RPC takes an array.

create function public.record_snapshots(
  p_kind text,
  p_snapshots jsonb,
  p_object_id text default null,
  p_event_id text default null,
  p_event_type text default null,
  p_event_at timestamptz default null,
  p_instance_id text default null
)
returns public.sync_outcome
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- by key, always: a plan that was made while the tables were empty would go on reading them whole
as $$
declare
  v_delivery constant clerk_sync.delivery := row(
    p_event_id, p_event_type, p_event_at, coalesce(p_object_id, p_snapshots #>> '{0,p_external_id}'),
    p_snapshots #>> '{0,p_user_external_id}', p_snapshots #>> '{0,p_organization_external_id}', p_instance_id
  );
  v_outcome public.sync_outcome;
  v_is_new boolean;
  v_applied integer;
begin
  perform clerk_sync.page_size(p_snapshots);
  v_outcome := clerk_sync.begin_event(v_delivery);
  if v_outcome is not null then
    return v_outcome;
  end if;

  -- Whoever is being erased is not written about meanwhile.
  perform pg_advisory_xact_lock_shared(hashtextextended('user:' || id, 0))
  from (
    select distinct e ->> 'p_user_external_id' as id
    from jsonb_array_elements(p_snapshots) e
    order by 1
  ) named;
  -- The one that paid before, too: its plan follows.
  perform pg_advisory_xact_lock(hashtextextended('organization:' || id, 0))
  from (
    select distinct unnest(array[e ->> 'p_organization_external_id', stored ->> 'organization_external_id']) as id
    from jsonb_array_elements(p_snapshots) e
    cross join lateral clerk_sync.stored_snapshot(p_kind, e ->> 'p_external_id') stored
    order by 1
  ) named;

  v_is_new := exists (
    select
    from jsonb_array_elements(p_snapshots) e
    where clerk_sync.stored_snapshot(p_kind, e ->> 'p_external_id') is null
  );
  v_applied := clerk_sync.merge_snapshots(
    p_kind, p_snapshots, coalesce(p_event_at, clock_timestamp()), coalesce(p_event_id, '')
  );
  return clerk_sync.finish_event(
    v_delivery,
    v_applied > 0,
    p_effect => case
      when v_is_new then 'created'
      when v_applied > 0 then 'changed'
      when p_snapshots <> '[]' then 'newer_state'
    end
  );
end;
$$;

revoke execute on function public.record_snapshots(text, jsonb, text, text, text, timestamptz, text)
  from public, anon, authenticated;
grant execute on function public.record_snapshots(text, jsonb, text, text, text, timestamptz, text)
  to service_role;

comment on function public.record_snapshots(text, jsonb, text, text, text, timestamptz, text) is
  'Records whole snapshots of objects of one kind, subscription (items of Clerk Billing) or invitation: an array of objects '
  'with the columns of public.subscriptions or public.organization_invitations as keys, each with p_ before it; of an '
  'invitation p_clerk_role gives the role. What is left out stays as it is. The newest p_updated_at wins; an invitation that is '
  'answered is never pending again. Neither payer nor organization need be known. Returns applied, duplicate, stale, or ignored '
  'for an event of another instance. Safe to repeat. Raises 22023 for what is no page, 23502 or 23514 for a missing or empty id '
  'or payer, 42703 for another column, 20000 for another kind. For service_role only.';

create function public.sync_record_snapshots(
  p_kind text,
  p_snapshots jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- by key, always: a plan that was made while the tables were empty would go on reading them whole
as $$
declare
  v_size constant integer := clerk_sync.page_size(p_snapshots);
begin
  perform
    pg_advisory_xact_lock(hashtextextended('everything:', 0)),
    set_config('clerk_sync.source', clerk_sync.caller_source(), true);
  return clerk_sync.page_result(v_size, clerk_sync.merge_snapshots(p_kind, p_snapshots, clock_timestamp(), ''));
end;
$$;

revoke execute on function public.sync_record_snapshots(text, jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_record_snapshots(text, jsonb)
  to service_role;

comment on function public.sync_record_snapshots(text, jsonb) is
  'record_snapshots for a page of at most 1000 objects of a backfill, each with its own p_event_at. Returns {"applied": n, '
  '"stale": n}. Safe to repeat. Raises as record_snapshots, and then applies nothing. For service_role only.';
