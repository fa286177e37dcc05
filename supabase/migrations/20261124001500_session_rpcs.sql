-- RPC for sign-ins: session.created, .pending, .ended, .removed and .revoked.

create function public.record_session(
  p_external_id text,
  p_user_external_id text,
  p_status text default 'active',
  p_client_id text default null,
  p_device text default null,
  p_browser text default null,
  p_city text default null,
  p_country text default null,
  p_last_active_at timestamptz default null,
  p_expire_at timestamptz default null,
  p_created_at timestamptz default null,
  p_updated_at timestamptz default null,
  p_actor_external_id text default null,
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
  v_event_at constant timestamptz := coalesce(p_event_at, clock_timestamp());
  v_delivery constant clerk_sync.delivery :=
    row(p_event_id, p_event_type, p_event_at, p_external_id, p_user_external_id, null, p_instance_id);
  -- Clerk has no way back from these, and a session's created and ended events may carry one updated_at.
  v_is_over constant boolean := p_status in ('ended', 'removed', 'revoked', 'expired', 'abandoned', 'replaced');
  v_version constant clerk_sync.version := row(
    case when v_is_over then 4 else 3 end, coalesce(p_updated_at, v_event_at), v_event_at, coalesce(p_event_id, '')
  );
  c_nothing constant clerk_sync.version := row(0, '-infinity', '-infinity', '');
  v_tells constant boolean := num_nonnulls(p_device, p_browser, p_city, p_country) > 0;
  v_outcome public.sync_outcome;
  v_user clerk_sync.user_register;
  v_is_kept boolean;
  v_has_row boolean := false;
  v_is_newer boolean;
  v_tells_activity boolean;
  v_tells_actor boolean := false;
begin
  v_outcome := clerk_sync.begin_event(v_delivery);
  if v_outcome is not null then
    return v_outcome;
  end if;

  -- Whoever is being erased, or deleted, is not written about meanwhile.
  perform pg_advisory_xact_lock_shared(hashtextextended('user:' || p_user_external_id, 0));
  perform pg_advisory_xact_lock(hashtextextended('session:' || p_external_id, 0));
  select *
  into v_user
  from clerk_sync.user_register
  where external_id = p_user_external_id;
  v_is_kept := v_user.erased_at is null;

  select version < v_version, v_tells and activity_version < v_version
  into v_is_newer, v_tells_activity
  from clerk_sync.session_register
  where external_id = p_external_id;

  if not found then
    v_is_newer := true;
    v_tells_activity := v_tells;
    insert into clerk_sync.session_register (external_id, version, activity_version)
    values (p_external_id, v_version, case when v_tells then v_version else c_nothing end);
  else
    update clerk_sync.session_register
    set version = case when v_is_newer then v_version else version end,
        activity_version = case when v_tells_activity then v_version else activity_version end
    where external_id = p_external_id
      and (v_is_newer or v_tells_activity);

    if v_is_newer then
      update public.user_sessions
      set user_external_id = p_user_external_id,
          client_id = case when v_is_kept then p_client_id end,
          status = p_status,
          created_at = coalesce(p_created_at, created_at),
          last_active_at = p_last_active_at,
          expire_at = p_expire_at,
          ended_at = case when v_is_over then v_event_at end,
          updated_at = coalesce(p_updated_at, v_event_at)
      where external_id = p_external_id;
      v_has_row := found;
    end if;
  end if;

  -- Nothing is known of it, or its row was purged: then only what is newer makes one.
  if v_is_newer and not v_has_row then
    insert into public.user_sessions (
      external_id, user_external_id, client_id, actor_external_id, status, device, browser, city, country, created_at,
      last_active_at, expire_at, ended_at, updated_at
    )
    values (
      p_external_id, p_user_external_id, case when v_is_kept then p_client_id end, p_actor_external_id, p_status,
      case when v_is_kept then p_device end, case when v_is_kept then p_browser end, case when v_is_kept then p_city end,
      case when v_is_kept then p_country end, coalesce(p_created_at, v_event_at), p_last_active_at, p_expire_at,
      case when v_is_over then v_event_at end, coalesce(p_updated_at, v_event_at)
    );
  else
    if v_tells_activity and v_is_kept then
      update public.user_sessions
      set device = p_device,
          browser = p_browser,
          city = p_city,
          country = p_country
      where external_id = p_external_id;
    end if;

    -- Who acts never changes in Clerk, and not every event need say it: the least is the same in any order.
    update public.user_sessions
    set actor_external_id = least(actor_external_id, p_actor_external_id)
    where external_id = p_external_id
      and least(actor_external_id, p_actor_external_id) is distinct from actor_external_id;
    v_tells_actor := found;
  end if;

  if v_user.deleted_at is not null or v_user.barred_at is not null then
    perform clerk_sync.end_sessions(p_user_external_id, p_external_id);
  end if;

  return clerk_sync.finish_event(
    v_delivery,
    v_is_newer or v_tells_activity or v_tells_actor,
    p_effect => case
      when v_is_newer and not v_has_row then 'created'
      when v_is_newer or v_tells_activity or v_tells_actor then 'changed'
      else 'newer_state'
    end
  );
end;
$$;

revoke execute on function public.record_session(
  text, text, text, text, text, text, text, text, timestamptz, timestamptz, timestamptz, timestamptz, text, text, text,
  timestamptz, text
)
  from public, anon, authenticated;
grant execute on function public.record_session(
  text, text, text, text, text, text, text, text, timestamptz, timestamptz, timestamptz, timestamptz, text, text, text,
  timestamptz, text
)
  to service_role;

comment on function public.record_session(
  text, text, text, text, text, text, text, text, timestamptz, timestamptz, timestamptz, timestamptz, text, text, text,
  timestamptz, text
) is
  'Records a sign-in from a whole snapshot of a Clerk session. The newest p_updated_at wins, and a session that is '
  'over never becomes active again; device, browser, city and country are those of the newest event that tells any; '
  'p_actor_external_id is who signed in as the user. It is over as well when its user is deleted, or was seen banned or '
  'deprovisioned since it began. The user need not be known. Returns applied, duplicate, stale, or ignored for an event of '
  'another instance. Safe to repeat. Raises 23502 or 23514 for a missing or empty id, 23502 for a null status. For '
  'service_role only.';
