-- RPCs for memberships: organizationMembership.created and .updated, .deleted, and the same by hand.

create function public.set_membership(
  p_organization_external_id text,
  p_user_external_id text,
  p_role text default 'org:member',
  p_external_id text default null,
  p_created_at timestamptz default null,
  p_updated_at timestamptz default null,
  p_organization_name text default null,
  p_organization_slug text default null,
  p_organization_logo_url text default null,
  p_organization_created_by text default null,
  p_user_email text default null,
  p_user_full_name text default null,
  p_user_avatar_url text default null,
  p_user_username text default null,
  p_user_banned boolean default null,
  p_user_deprovisioned boolean default null,
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
  v_delivery clerk_sync.delivery :=
    row(p_event_id, p_event_type, p_event_at, p_external_id, p_user_external_id, p_organization_external_id, p_instance_id);
  v_version constant clerk_sync.version :=
    row(3, coalesce(p_updated_at, v_event_at), v_event_at, coalesce(p_event_id, ''));
  v_outcome public.sync_outcome;
  v_external_id text;
  v_user_external_id text;
  v_is_new boolean;
  v_newest record;
  v_effect text := 'newer_state';
begin
  v_outcome := clerk_sync.begin_event(v_delivery);
  if v_outcome is not null then
    return v_outcome;
  end if;

  perform pg_advisory_xact_lock(hashtextextended('generation:' || p_external_id, 0));
  v_user_external_id := clerk_sync.generation_user(p_external_id, p_organization_external_id, p_user_external_id);
  v_delivery.user_external_id := v_user_external_id;
  if clerk_sync.lock_pair(
    p_organization_external_id, v_user_external_id, p_organization_slug, p_organization_created_by
  ) then
    perform clerk_sync.merge_stubs(
      clerk_sync.user_stub(
        v_user_external_id, p_user_email, p_user_full_name, p_user_avatar_url, p_user_username, p_user_banned,
        p_user_deprovisioned, p_event_id, v_event_at
      ),
      clerk_sync.organization_stub(
        p_organization_external_id, p_organization_name, p_organization_slug, p_organization_logo_url,
        p_organization_created_by, p_event_id, v_event_at
      )
    );
  end if;

  v_external_id := clerk_sync.current_generation(p_external_id, p_organization_external_id, v_user_external_id);
  v_is_new := clerk_sync.merge_membership(
    row(
      v_external_id, p_organization_external_id, v_user_external_id, v_version, p_role, coalesce(p_created_at, v_event_at),
      null
    )::clerk_sync.membership_state
  );
  if v_is_new then
    v_newest := clerk_sync.project_member(p_organization_external_id, v_user_external_id);
    v_is_new := coalesce(v_newest.newest_external_id = v_external_id and not v_newest.is_removed, true);
    v_effect := case
      when not v_is_new then case when v_newest.is_removed then 'over' else 'newer_membership' end
      when v_newest.newest_external_id is null then 'remembered'
      when v_newest.has_appeared then 'created'
      else 'changed'
    end;
  elsif not clerk_sync.is_shown(p_organization_external_id, v_user_external_id) then
    v_newest := clerk_sync.project_member(p_organization_external_id, v_user_external_id);
    v_is_new := v_newest.has_appeared;
    v_effect := case when v_is_new then 'created' when v_newest.is_removed then 'over' else 'newer_state' end;
  end if;

  return clerk_sync.finish_event(v_delivery, v_is_new, p_effect => v_effect);
end;
$$;

revoke execute on function public.set_membership(
  text, text, text, text, timestamptz, timestamptz, text, text, text, text, text, text, text, text, boolean, boolean, text,
  text, timestamptz, text
)
  from public, anon, authenticated;
grant execute on function public.set_membership(
  text, text, text, text, timestamptz, timestamptz, text, text, text, text, text, text, text, text, boolean, boolean, text,
  text, timestamptz, text
)
  to service_role;

comment on function public.set_membership(
  text, text, text, text, timestamptz, timestamptz, text, text, text, text, text, text, text, text, boolean, boolean, text,
  text, timestamptz, text
) is
  'Makes a user a member of an organization, or changes the role (Clerk''s key, org:admin). p_external_id is Clerk''s '
  'membership id, orgmem_…; without one the call speaks of the newest membership of the pair. An organization or a '
  'user that is not there yet is made from what the call says of it, until its own event arrives. stale: a newer '
  'state, a newer membership or a removal is already here; someone who was removed rejoins by a new p_external_id. '
  'With p_user_external_id null the user is the one known of p_external_id; until one is, the call is remembered. '
  'Returns applied, duplicate, stale, or ignored for an event of another instance. Safe to repeat. Raises 22023 when '
  'p_external_id is another pair''s or neither the membership nor the user is named, 23502 or 23514 for a missing or empty '
  'organization id. For service_role only.';

create function public.remove_membership(
  p_organization_external_id text,
  p_user_external_id text default null,
  p_external_id text default null,
  p_created_at timestamptz default null,
  p_organization_name text default null,
  p_organization_slug text default null,
  p_organization_logo_url text default null,
  p_organization_created_by text default null,
  p_user_email text default null,
  p_user_full_name text default null,
  p_user_avatar_url text default null,
  p_user_username text default null,
  p_user_banned boolean default null,
  p_user_deprovisioned boolean default null,
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
  c_no_fields constant clerk_sync.version := row(0, '-infinity', '-infinity', '');
  v_event_at constant timestamptz := coalesce(p_event_at, clock_timestamp());
  v_delivery clerk_sync.delivery :=
    row(p_event_id, p_event_type, p_event_at, p_external_id, p_user_external_id, p_organization_external_id, p_instance_id);
  v_outcome public.sync_outcome;
  v_external_id text;
  v_user_external_id text;
  v_is_new boolean;
  v_newest record;
begin
  v_outcome := clerk_sync.begin_event(v_delivery);
  if v_outcome is not null then
    return v_outcome;
  end if;

  perform pg_advisory_xact_lock(hashtextextended('generation:' || p_external_id, 0));
  v_user_external_id := clerk_sync.generation_user(p_external_id, p_organization_external_id, p_user_external_id);
  v_delivery.user_external_id := v_user_external_id;
  if clerk_sync.lock_pair(
    p_organization_external_id, v_user_external_id, p_organization_slug, p_organization_created_by
  ) then
    perform clerk_sync.merge_stubs(
      clerk_sync.user_stub(
        v_user_external_id, p_user_email, p_user_full_name, p_user_avatar_url, p_user_username, p_user_banned,
        p_user_deprovisioned, p_event_id, v_event_at
      ),
      clerk_sync.organization_stub(
        p_organization_external_id, p_organization_name, p_organization_slug, p_organization_logo_url,
        p_organization_created_by, p_event_id, v_event_at
      )
    );
  end if;

  v_external_id := clerk_sync.current_generation(p_external_id, p_organization_external_id, v_user_external_id);
  v_is_new := clerk_sync.merge_membership(
    row(
      v_external_id, p_organization_external_id, v_user_external_id, c_no_fields, null, p_created_at, v_event_at
    )::clerk_sync.membership_state
  );
  -- Also when nothing is new: a row that was put back by hand goes again.
  v_newest := clerk_sync.project_member(p_organization_external_id, v_user_external_id);

  return clerk_sync.finish_event(
    v_delivery,
    v_is_new and coalesce(v_newest.newest_external_id = v_external_id, true),
    v_newest.error_code,
    v_newest.error,
    case
      when not v_is_new then 'over'
      when v_newest.newest_external_id is null then 'remembered'
      when v_newest.newest_external_id <> v_external_id then 'newer_membership'
      else 'deleted'
    end
  );
end;
$$;

revoke execute on function public.remove_membership(
  text, text, text, timestamptz, text, text, text, text, text, text, text, text, boolean, boolean, text, text, timestamptz,
  text
)
  from public, anon, authenticated;
grant execute on function public.remove_membership(
  text, text, text, timestamptz, text, text, text, text, text, text, text, text, boolean, boolean, text, text, timestamptz,
  text
)
  to service_role;

comment on function public.remove_membership(
  text, text, text, timestamptz, text, text, text, text, text, text, text, text, boolean, boolean, text, text, timestamptz,
  text
) is
  'Removes a member: the row goes, or is inactive where something of the app''s keeps it (the ledger says what), access '
  'ends, and no late event brings that membership back. p_external_id is Clerk''s membership id, orgmem_…; it alone is '
  'enough, and is remembered when the membership was never seen. Without one the call speaks of the newest membership '
  'of the pair. stale: it was removed before, or a newer membership of the pair is here, which stays. Returns applied, '
  'duplicate, stale, or ignored for an event of another instance. Safe to repeat. Raises 22023 when p_external_id is '
  'another pair''s or neither the membership nor the user is named, 23502 or 23514 for a missing or empty organization '
  'id. For service_role only.';
