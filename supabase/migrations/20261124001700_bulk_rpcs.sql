-- RPCs for pages: what a backfill or a repair reads from Clerk's API, a page a call, by the rules of the single forms, one
-- object after another. The elements of a page are objects with the parameters of the single form as keys.

create function clerk_sync.page_size(
  p_page jsonb,
  p_most integer default 1000
)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(p_page) is distinct from 'array' or jsonb_array_length(p_page) > p_most then
    raise exception 'a page is a JSON array of at most % objects', p_most
      using errcode = 'invalid_parameter_value',
            hint = 'Each object has the parameters of the single form as keys. Split larger pages.';
  end if;
  return jsonb_array_length(p_page);
end;
$$;

revoke execute on function clerk_sync.page_size(jsonb, integer)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.page_size(jsonb, integer) is
  'How many objects a page holds. Raises 22023 for what is not an array, or is too long: the others wait for a page''s '
  'end.';

create function clerk_sync.page_result(
  p_size integer,
  p_applied integer
)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('applied', p_applied, 'stale', p_size - p_applied);
$$;

revoke execute on function clerk_sync.page_result(integer, integer)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.page_result(integer, integer) is
  'What a bulk RPC returns: {"applied": how many objects changed what is stored, "stale": all others}.';

create function public.sync_upsert_users(
  p_users jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- by key, always: a plan that was made while the tables were empty would go on reading them whole
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_size constant integer := clerk_sync.page_size(p_users);
  v_state clerk_sync.user_state;
  v_merged record;
  v_applied integer := 0;
begin
  perform
    pg_advisory_xact_lock(hashtextextended('everything:', 0)),
    set_config('clerk_sync.source', clerk_sync.caller_source(), true);

  for v_state in
    select
      p_external_id,
      row(3, coalesce(p_updated_at, p_event_at, v_now), coalesce(p_event_at, v_now), '')::clerk_sync.version as version,
      p_email, p_full_name, p_avatar_url, p_username, p_banned, p_deprovisioned, p_public_metadata,
      p_created_at, coalesce(p_event_at, v_now)
    from jsonb_to_recordset(p_users) as element (
      p_external_id text,
      p_email text,
      p_full_name text,
      p_avatar_url text,
      p_username text,
      p_banned boolean,
      p_deprovisioned boolean,
      p_public_metadata jsonb,
      p_created_at timestamptz,
      p_updated_at timestamptz,
      p_event_at timestamptz
    )
    order by p_external_id, version desc
  loop
    v_merged := clerk_sync.merge_user(v_state);
    v_applied := v_applied + v_merged.is_newer::integer;
    if v_merged.has_appeared then
      perform clerk_sync.project_members_of_user(v_state.external_id);
    end if;
  end loop;

  return clerk_sync.page_result(v_size, v_applied);
end;
$$;

revoke execute on function public.sync_upsert_users(jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_upsert_users(jsonb)
  to service_role;

comment on function public.sync_upsert_users(jsonb) is
  'upsert_user for a page: an array of at most 1000 objects with its parameters as keys (those of the event but '
  'p_event_at are not read), all in one transaction. Of a user who is named twice the newest counts. Returns '
  '{"applied": n, "stale": n}. Safe to repeat. Raises 22023 for what is no page, 23502 or 23514 for a missing or empty '
  'p_external_id, and then applies nothing. For service_role only.';

create function public.sync_upsert_orgs(
  p_organizations jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- by key, always: a plan that was made while the tables were empty would go on reading them whole
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_size constant integer := clerk_sync.page_size(p_organizations);
  v_state clerk_sync.organization_state;
  v_applied integer := 0;
begin
  perform
    pg_advisory_xact_lock(hashtextextended('everything:', 0)),
    set_config('clerk_sync.source', clerk_sync.caller_source(), true);

  for v_state in
    select
      p_external_id,
      row(3, coalesce(p_updated_at, p_event_at, v_now), coalesce(p_event_at, v_now), '')::clerk_sync.version as version,
      p_name, nullif(p_slug, ''), p_logo_url, nullif(p_created_by, ''), p_public_metadata, p_created_at,
      coalesce(p_event_at, v_now)
    from jsonb_to_recordset(p_organizations) as element (
      p_external_id text,
      p_name text,
      p_slug text,
      p_logo_url text,
      p_created_by text,
      p_public_metadata jsonb,
      p_created_at timestamptz,
      p_updated_at timestamptz,
      p_event_at timestamptz
    )
    order by p_external_id, version desc
  loop
    v_applied := v_applied + (clerk_sync.merge_organization(v_state)).is_newer::integer;
  end loop;

  return clerk_sync.page_result(v_size, v_applied);
end;
$$;

revoke execute on function public.sync_upsert_orgs(jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_upsert_orgs(jsonb)
  to service_role;

comment on function public.sync_upsert_orgs(jsonb) is
  'upsert_org_with_owner with p_with_owner false for a page: an array of at most 1000 objects with its parameters as '
  'keys (those of the event but p_event_at are not read), all in one transaction. A creator becomes a member by a '
  'membership, not by this. Of an organization that is named twice the newest counts. Returns {"applied": n, "stale": '
  'n}. Safe to repeat. Raises 22023 for what is no page, 23502 or 23514 for a missing or empty p_external_id, 23502 for a '
  'missing p_name, and then applies nothing. For service_role only.';

create function public.sync_set_memberships(
  p_memberships jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- by key, always: a plan that was made while the tables were empty would go on reading them whole
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_size constant integer := clerk_sync.page_size(p_memberships);
  v_element record;
  v_user_external_id text;
  v_external_id text;
  v_applied integer := 0;
begin
  perform
    pg_advisory_xact_lock(hashtextextended('everything:', 0)),
    set_config('clerk_sync.source', clerk_sync.caller_source(), true);

  for v_element in
    select element.*, coalesce(p_event_at, v_now) as event_at, coalesce(p_updated_at, p_event_at, v_now) as updated_at
    from jsonb_to_recordset(p_memberships) as element (
      p_organization_external_id text,
      p_user_external_id text,
      p_role text,
      p_external_id text,
      p_created_at timestamptz,
      p_updated_at timestamptz,
      p_organization_name text,
      p_organization_slug text,
      p_organization_logo_url text,
      p_organization_created_by text,
      p_user_email text,
      p_user_full_name text,
      p_user_avatar_url text,
      p_user_username text,
      p_user_banned boolean,
      p_user_deprovisioned boolean,
      p_event_at timestamptz
    )
    order by p_external_id, updated_at desc, event_at desc
  loop
    v_user_external_id := clerk_sync.generation_user(
      v_element.p_external_id, v_element.p_organization_external_id, v_element.p_user_external_id
    );
    if clerk_sync.needs_stubs(
      v_element.p_organization_external_id, v_user_external_id, v_element.p_organization_created_by
    ) then
      perform clerk_sync.merge_stubs(
        clerk_sync.user_stub(
          v_user_external_id, v_element.p_user_email, v_element.p_user_full_name, v_element.p_user_avatar_url,
          v_element.p_user_username, v_element.p_user_banned, v_element.p_user_deprovisioned, null, v_element.event_at
        ),
        clerk_sync.organization_stub(
          v_element.p_organization_external_id, v_element.p_organization_name, v_element.p_organization_slug,
          v_element.p_organization_logo_url, v_element.p_organization_created_by, null, v_element.event_at
        )
      );
    end if;
    v_external_id := clerk_sync.current_generation(
      v_element.p_external_id, v_element.p_organization_external_id, v_user_external_id
    );
    if clerk_sync.merge_membership(
      row(
        v_external_id, v_element.p_organization_external_id, v_user_external_id,
        row(3, v_element.updated_at, v_element.event_at, '')::clerk_sync.version,
        coalesce(v_element.p_role, 'org:member'), coalesce(v_element.p_created_at, v_element.event_at), null
      )::clerk_sync.membership_state
    ) then
      perform clerk_sync.project_member(v_element.p_organization_external_id, v_user_external_id);
      v_applied := v_applied + 1;
    elsif not clerk_sync.is_shown(v_element.p_organization_external_id, v_user_external_id) then
      v_applied := v_applied
        + (clerk_sync.project_member(v_element.p_organization_external_id, v_user_external_id)).has_appeared::integer;
    end if;
  end loop;

  return clerk_sync.page_result(v_size, v_applied);
end;
$$;

revoke execute on function public.sync_set_memberships(jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_set_memberships(jsonb)
  to service_role;

comment on function public.sync_set_memberships(jsonb) is
  'set_membership for a page: an array of at most 1000 objects with its parameters as keys (those of the event but '
  'p_event_at are not read), all in one transaction. Users and organizations that are not there yet are made from what '
  'the elements say of them. Of a membership that is named twice the newest counts. Returns {"applied": how many '
  'memberships of which anything was new or had no row, "stale": n}. Safe to repeat. Raises 22023 for what is no page, or as '
  'set_membership does, 23502 or 23514 for a missing or empty organization id, and then applies nothing. For '
  'service_role only.';
