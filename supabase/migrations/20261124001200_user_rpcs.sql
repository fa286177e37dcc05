-- RPCs for users: user.created and user.updated, user.deleted, and the same by hand.

create function public.upsert_user(
  p_external_id text,
  p_email text default null,
  p_full_name text default null,
  p_avatar_url text default null,
  p_username text default null,
  p_banned boolean default false,
  p_deprovisioned boolean default false,
  p_public_metadata jsonb default '{}',
  p_created_at timestamptz default null,
  p_updated_at timestamptz default null,
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
    row(p_event_id, p_event_type, p_event_at, p_external_id, p_external_id, null, p_instance_id);
  v_version constant clerk_sync.version :=
    row(3, coalesce(p_updated_at, v_event_at), v_event_at, coalesce(p_event_id, ''));
  v_state constant clerk_sync.user_state := row(
    p_external_id, v_version, p_email, p_full_name, p_avatar_url, p_username, p_banned, p_deprovisioned, p_public_metadata,
    p_created_at, v_event_at
  );
  v_outcome public.sync_outcome;
  v_merged record;
begin
  v_outcome := clerk_sync.begin_event(v_delivery);
  if v_outcome is not null then
    return v_outcome;
  end if;

  perform pg_advisory_xact_lock(hashtextextended('user:' || p_external_id, 0));

  v_merged := clerk_sync.merge_user(v_state);
  if v_merged.has_appeared then
    perform clerk_sync.lock_organizations_of_user(p_external_id);
    perform clerk_sync.project_members_of_user(p_external_id);
  end if;

  return clerk_sync.finish_event(
    v_delivery,
    v_merged.is_newer,
    p_effect => case when not v_merged.is_newer then 'newer_state' when v_merged.has_appeared then 'created' else 'changed' end
  );
end;
$$;

revoke execute on function public.upsert_user(
  text, text, text, text, text, boolean, boolean, jsonb, timestamptz, timestamptz, text, text, timestamptz, text
)
  from public, anon, authenticated;
grant execute on function public.upsert_user(
  text, text, text, text, text, boolean, boolean, jsonb, timestamptz, timestamptz, text, text, timestamptz, text
)
  to service_role;

comment on function public.upsert_user(
  text, text, text, text, text, boolean, boolean, jsonb, timestamptz, timestamptz, text, text, timestamptz, text
) is
  'Creates or updates a user from a whole snapshot: what is left out is blanked, but for created_at. The newest '
  'p_updated_at wins; without one the call counts as of now. Whoever is banned or deprovisioned is signed out. Returns '
  'applied, duplicate, stale, or ignored for an event of another instance. Safe to repeat. A deleted user stays deleted. '
  'Raises 23502 or 23514 for a missing or empty p_external_id. For service_role only.';

create function public.delete_user(
  p_external_id text,
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
    row(p_event_id, p_event_type, p_event_at, p_external_id, p_external_id, null, p_instance_id);
  v_outcome public.sync_outcome;
  v_is_newer boolean;
  v_user_id uuid;
begin
  v_outcome := clerk_sync.begin_event(v_delivery);
  if v_outcome is not null then
    return v_outcome;
  end if;

  perform pg_advisory_xact_lock(hashtextextended('user:' || p_external_id, 0));

  insert into clerk_sync.user_register as known (external_id, deleted_at)
  values (p_external_id, v_event_at)
  on conflict (external_id) do update
  set deleted_at = excluded.deleted_at
  where known.deleted_at is null
    or known.deleted_at > excluded.deleted_at;

  v_is_newer := found;

  -- From the register, and also when nothing is new: a row that was brought back by hand goes again.
  update public.users u
  set deleted_at = known.deleted_at
  from clerk_sync.user_register known
  where u.external_id = p_external_id
    and known.external_id = p_external_id
    and u.deleted_at is distinct from known.deleted_at;

  perform clerk_sync.end_sessions(p_external_id);

  select id
  into v_user_id
  from public.users
  where external_id = p_external_id;
  -- Of a crowd the rows are left to settle_members, which waits for nobody: no lock of their organizations is needed.
  if clerk_sync.is_crowd(v_user_id) then
    insert into clerk_sync.unsettled (parent_id)
    values (v_user_id)
    on conflict (parent_id) do nothing;
  else
    perform clerk_sync.lock_organizations_of_user(p_external_id);
    update public.organization_members
    set status = 'inactive'
    where user_id = v_user_id
      and status <> 'inactive';
  end if;

  if v_is_newer and (select erase_on_delete from clerk_sync.settings where is_set) then
    perform clerk_sync.erase(p_external_id);
  end if;

  return clerk_sync.finish_event(
    v_delivery,
    v_is_newer,
    p_effect => case when not v_is_newer then 'over' when v_user_id is null then 'remembered' else 'deleted' end
  );
end;
$$;

revoke execute on function public.delete_user(text, text, text, timestamptz, text)
  from public, anon, authenticated;
grant execute on function public.delete_user(text, text, text, timestamptz, text)
  to service_role;

comment on function public.delete_user(text, text, text, timestamptz, text) is
  'Marks a user as deleted as of p_event_at (without one: now), for good; memberships become inactive, sign-ins end. '
  'One that was never seen is remembered. Of several deletes the earliest time stays. Returns applied, duplicate, '
  'stale, or ignored for an event of another instance. Safe to repeat. Raises 23502 or 23514 for a missing or empty '
  'p_external_id. For service_role only.';
