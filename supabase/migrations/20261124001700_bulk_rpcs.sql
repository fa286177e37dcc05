-- RPCs for pages: what a backfill or a repair reads from Clerk's API, a page a call, by the rules of the single forms.
-- The elements of a page are objects with the parameters of the single form as keys.
-- Plans are made for the page at hand: one that was made while the tables were empty would go on reading them whole.

create function clerk_sync.page_size(
  p_page jsonb
)
returns integer
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_most constant integer := 1000;
begin
  if jsonb_typeof(p_page) is distinct from 'array' or jsonb_array_length(p_page) > c_most then
    raise exception 'a page is a JSON array of at most % objects', c_most
      using errcode = 'invalid_parameter_value',
            hint = 'Each object has the parameters of the single form as keys. Split larger pages.';
  end if;
  return jsonb_array_length(p_page);
end;
$$;

revoke execute on function clerk_sync.page_size(jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.page_size(jsonb) is
  'How many objects a page holds. Raises 22023 for what is not an array, or is too long: the others wait for a page''s '
  'end.';

create function clerk_sync.page_result(
  p_size integer,
  p_applied integer
)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object('applied', coalesce(p_applied, 0), 'stale', p_size - coalesce(p_applied, 0));
$$;

revoke execute on function clerk_sync.page_result(integer, integer)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.page_result(integer, integer) is
  'What a bulk RPC returns: {"applied": how many objects changed what is stored, "stale": all others}.';

create function clerk_sync.merge_organization_page(
  p_states clerk_sync.organization_state[]
)
returns text[]
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_newest clerk_sync.organization_state[];
  v_naming clerk_sync.organization_state[];
  v_newer text[] := '{}';
begin
  select array_agg(s)
  into v_newest
  from (
    select distinct on (external_id) *
    from unnest(p_states)
    order by external_id, version desc
  ) s;

  if cardinality(v_newest) < cardinality(p_states) then
    -- Who created an organization goes by the newest state that says so, which need not be the newest.
    select array_agg(s)
    into v_naming
    from (
      select distinct on (external_id) *
      from unnest(p_states)
      where created_by is not null
      order by external_id, version desc
    ) s;
    v_newer := clerk_sync.merge_organizations(v_naming);
  end if;

  v_newer := v_newer || clerk_sync.merge_organizations(v_newest);
  return array(select distinct unnest(v_newer));
end;
$$;

revoke execute on function clerk_sync.merge_organization_page(clerk_sync.organization_state[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_organization_page(clerk_sync.organization_state[]) is
  'merge_organizations for states of which several may be of one organization.';

create function public.upsert_users(
  p_users jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_size constant integer := clerk_sync.page_size(p_users);
  v_states clerk_sync.user_state[];
  v_newer text[];
  v_appeared text[];
begin
  perform clerk_sync.lock_everything();

  select array_agg(state)
  into v_states
  from (
    select distinct on (p_external_id)
      row(
        p_external_id,
        row(3, coalesce(p_updated_at, p_event_at, v_now), coalesce(p_event_at, v_now), '')::clerk_sync.version,
        p_email, p_full_name, p_avatar_url, p_username, p_banned, p_public_metadata, p_created_at,
        coalesce(p_event_at, v_now)
      )::clerk_sync.user_state as state
    from jsonb_to_recordset(p_users) as element (
      p_external_id text,
      p_email text,
      p_full_name text,
      p_avatar_url text,
      p_username text,
      p_banned boolean,
      p_public_metadata jsonb,
      p_created_at timestamptz,
      p_updated_at timestamptz,
      p_event_at timestamptz
    )
    order by p_external_id, coalesce(p_updated_at, p_event_at, v_now) desc, p_event_at desc nulls first
  ) newest;

  select newer, appeared into v_newer, v_appeared from clerk_sync.merge_users(v_states);
  perform clerk_sync.project_members_of_users(v_appeared);

  return clerk_sync.page_result(v_size, cardinality(v_newer));
end;
$$;

revoke execute on function public.upsert_users(jsonb)
  from public, anon, authenticated;
grant execute on function public.upsert_users(jsonb)
  to service_role;

comment on function public.upsert_users(jsonb) is
  'upsert_user for a page: an array of at most 1000 objects with its parameters as keys (those of the event but '
  'p_event_at are not read), all in one transaction. Of a user who is named twice the newest counts. Returns '
  '{"applied": n, "stale": n}. Safe to repeat. Raises 22023 for what is no page, 23502 or 23514 for a missing or empty '
  'p_external_id, and then applies nothing. For service_role only.';

create function public.upsert_orgs(
  p_organizations jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_size constant integer := clerk_sync.page_size(p_organizations);
  v_states clerk_sync.organization_state[];
begin
  perform clerk_sync.lock_everything();

  select array_agg(
    row(
      p_external_id,
      row(3, coalesce(p_updated_at, p_event_at, v_now), coalesce(p_event_at, v_now), '')::clerk_sync.version,
      p_name, nullif(p_slug, ''), p_logo_url, nullif(p_created_by, ''), p_public_metadata, p_created_at,
      coalesce(p_event_at, v_now)
    )::clerk_sync.organization_state
  )
  into v_states
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
  );

  return clerk_sync.page_result(v_size, cardinality(clerk_sync.merge_organization_page(v_states)));
end;
$$;

revoke execute on function public.upsert_orgs(jsonb)
  from public, anon, authenticated;
grant execute on function public.upsert_orgs(jsonb)
  to service_role;

comment on function public.upsert_orgs(jsonb) is
  'upsert_org_with_owner with p_with_owner false for a page: an array of at most 1000 objects with its parameters as '
  'keys (those of the event but p_event_at are not read), all in one transaction. A creator becomes a member by a '
  'membership, not by this. Of an organization that is named twice the newest counts. Returns {"applied": n, "stale": '
  'n}. Safe to repeat. Raises 22023 for what is no page, 23502 or 23514 for a missing or empty p_external_id, 23502 for a '
  'missing p_name, and then applies nothing. For service_role only.';

create function public.set_memberships(
  p_memberships jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_size constant integer := clerk_sync.page_size(p_memberships);
  v_users clerk_sync.user_state[];
  v_organizations clerk_sync.organization_state[];
  v_memberships clerk_sync.membership_state[];
  v_appeared text[];
begin
  perform clerk_sync.lock_everything();

  with elements as materialized (
    select element.*, coalesce(p_event_at, v_now) as event_at, o.user_external_id
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
      p_event_at timestamptz
    )
    cross join lateral clerk_sync.generation_user(
      p_external_id, p_organization_external_id, p_user_external_id
    ) o (user_external_id)
  ),
  users as (
    select distinct on (user_external_id) stub
    from elements
    cross join lateral clerk_sync.user_stub(
      user_external_id, p_user_email, p_user_full_name, p_user_avatar_url, p_user_username, p_user_banned, null, event_at
    ) stub
    where user_external_id is not null
      and clerk_sync.needs_user(user_external_id)
    order by user_external_id, stub.version desc
  ),
  organizations as (
    select stub
    from elements
    cross join lateral clerk_sync.organization_stub(
      p_organization_external_id, p_organization_name, p_organization_slug, p_organization_logo_url,
      p_organization_created_by, null, event_at
    ) stub
    where clerk_sync.needs_organization(p_organization_external_id, nullif(p_organization_created_by, ''))
  ),
  memberships as (
    select distinct on (generation)
      row(
        generation, p_organization_external_id, user_external_id,
        row(3, coalesce(p_updated_at, event_at), event_at, '')::clerk_sync.version, coalesce(p_role, 'org:member'),
        coalesce(p_created_at, event_at), null
      )::clerk_sync.membership_state as state
    from elements
    cross join lateral clerk_sync.current_generation(
      p_external_id, p_organization_external_id, user_external_id
    ) generation
    order by generation, coalesce(p_updated_at, event_at) desc, event_at desc
  )
  select
    (select array_agg(stub) from users),
    (select array_agg(stub) from organizations),
    (select array_agg(state) from memberships)
  into v_users, v_organizations, v_memberships;

  if v_users is not null then
    select appeared into v_appeared from clerk_sync.merge_users(v_users);
    perform clerk_sync.project_members_of_users(v_appeared);
  end if;
  if v_organizations is not null then
    perform clerk_sync.merge_organization_page(v_organizations);
  end if;

  return clerk_sync.page_result(v_size, cardinality(clerk_sync.merge_memberships(v_memberships)));
end;
$$;

revoke execute on function public.set_memberships(jsonb)
  from public, anon, authenticated;
grant execute on function public.set_memberships(jsonb)
  to service_role;

comment on function public.set_memberships(jsonb) is
  'set_membership for a page: an array of at most 1000 objects with its parameters as keys (those of the event but '
  'p_event_at are not read), all in one transaction. Users and organizations that are not there yet are made from what '
  'the elements say of them. Of a membership that is named twice the newest counts. Returns {"applied": how many '
  'memberships of which anything was new, "stale": n}. Safe to repeat. Raises 22023 for what is no page, or as '
  'set_membership does, 23502 or 23514 for a missing or empty organization id, and then applies nothing. For '
  'service_role only.';
