-- RPC for deliveries that no other RPC takes: kept in the ledger so that they can be seen and replayed.

create function public.record_event(
  p_event_id text,
  p_outcome text,
  p_event_type text default null,
  p_event_at timestamptz default null,
  p_object_id text default null,
  p_error_code text default null,
  p_error text default null,
  p_user_external_id text default null,
  p_organization_external_id text default null,
  p_ends_access boolean default false
)
returns public.sync_outcome
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- by key, always: a plan that was made while the tables were empty would go on reading them whole
as $$
begin
  if p_outcome is null or p_outcome not in ('ignored', 'rejected', 'failed') then
    raise exception 'p_outcome must be ignored, rejected or failed'
      using errcode = 'invalid_parameter_value',
            detail = 'applied and stale are written by the RPC that applies the event',
            hint = 'To apply an event, call its own RPC with p_event_id.';
  end if;

  insert into clerk_sync.events as e (
    event_id, event_type, event_at, object_id, user_external_id, organization_external_id, outcome, error_code, error,
    ends_access
  )
  values (
    p_event_id, coalesce(p_event_type, 'unknown'), p_event_at, p_object_id, p_user_external_id, p_organization_external_id,
    p_outcome::clerk_sync.event_outcome, p_error_code, p_error, p_ends_access
  )
  on conflict (event_id) do update
  set attempts = e.attempts + 1,
      last_received_at = clock_timestamp(),
      event_type = coalesce(p_event_type, e.event_type),
      event_at = coalesce(p_event_at, e.event_at),
      object_id = coalesce(p_object_id, e.object_id),
      user_external_id = coalesce(p_user_external_id, e.user_external_id),
      organization_external_id = coalesce(p_organization_external_id, e.organization_external_id),
      outcome = case when e.outcome = 'closed' then e.outcome else excluded.outcome end,
      outcome_at = case when e.outcome = 'closed' then e.outcome_at else excluded.outcome_at end,
      error_code = excluded.error_code,
      error = excluded.error,
      ends_access = e.ends_access or excluded.ends_access
  where e.outcome not in ('applied', 'stale');

  return case when found then 'applied'::public.sync_outcome else 'duplicate' end;
end;
$$;

revoke execute on function public.record_event(text, text, text, timestamptz, text, text, text, text, text, boolean)
  from public, anon, authenticated;
grant execute on function public.record_event(text, text, text, timestamptz, text, text, text, text, text, boolean)
  to service_role;

comment on function public.record_event(text, text, text, timestamptz, text, text, text, text, text, boolean) is
  'Enters a delivery that was not applied in the ledger: p_outcome is ignored, rejected or failed. Returns applied '
  'when it was entered, duplicate when the event is settled, which stays as it is; a closed one stays closed, and counts '
  'the delivery. p_error must hold no value of the body. p_ends_access closes the access of the user, of the organization or '
  'of the user in the organization, whichever are named, while the event is failed. Raises 22023 for another outcome, 23502 '
  'or 23514 for a missing or empty p_event_id. For service_role only.';
