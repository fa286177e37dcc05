-- RPCs for organizations: organization.created and organization.updated, organization.deleted, and the same by hand.

create function public.upsert_org_with_owner(
  p_external_id text,
  p_name text,
  p_slug text default null,
  p_logo_url text default null,
  p_created_by text default null,
  p_with_owner boolean default true,
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
    row(p_event_id, p_event_type, p_event_at, p_external_id, p_created_by, p_external_id, p_instance_id);
  v_version constant clerk_sync.version :=
    row(3, coalesce(p_updated_at, v_event_at), v_event_at, coalesce(p_event_id, ''));
  v_state constant clerk_sync.organization_state := row(
    p_external_id, v_version, p_name, nullif(p_slug, ''), p_logo_url, nullif(p_created_by, ''), p_public_metadata,
    p_created_at, v_event_at
  );
  v_owner constant text := case when p_with_owner then nullif(p_created_by, '') end;
  v_outcome public.sync_outcome;
  v_merged record;
  v_is_new_owner boolean := false;
begin
  v_outcome := clerk_sync.begin_event(v_delivery);
  if v_outcome is not null then
    return v_outcome;
  end if;

  perform
    pg_advisory_xact_lock_shared(hashtextextended('user:' || v_owner, 0)),
    pg_advisory_xact_lock(hashtextextended('organization:' || p_external_id, 0));
  perform clerk_sync.lock_slugs(p_external_id, p_slug);

  v_merged := clerk_sync.merge_organization(v_state);

  if v_owner is not null then
    perform pg_advisory_xact_lock(hashtextextended('membership:' || p_external_id || ':' || v_owner, 0));
    v_is_new_owner := clerk_sync.merge_membership(
      row(
        clerk_sync.generation_zero(p_external_id, v_owner), p_external_id, v_owner,
        row(2, '-infinity', v_event_at, coalesce(p_event_id, ''))::clerk_sync.version, null,
        coalesce(p_created_at, v_event_at), null
      )::clerk_sync.membership_state
    );
    if v_is_new_owner or not clerk_sync.is_shown(p_external_id, v_owner) then
      perform clerk_sync.project_member(p_external_id, v_owner);
    end if;
  end if;

  return clerk_sync.finish_event(
    v_delivery,
    v_merged.is_newer or v_is_new_owner,
    p_effect => case
      when v_merged.has_appeared then 'created'
      when v_merged.is_newer or v_is_new_owner then 'changed'
      else 'newer_state'
    end
  );
end;
$$;

revoke execute on function public.upsert_org_with_owner(
  text, text, text, text, text, boolean, jsonb, timestamptz, timestamptz, text, text, timestamptz, text
)
  from public, anon, authenticated;
grant execute on function public.upsert_org_with_owner(
  text, text, text, text, text, boolean, jsonb, timestamptz, timestamptz, text, text, timestamptz, text
)
  to service_role;

comment on function public.upsert_org_with_owner(
  text, text, text, text, text, boolean, jsonb, timestamptz, timestamptz, text, text, timestamptz, text
) is
  'Creates or updates an organization from a whole snapshot, and makes its creator (p_created_by, a Clerk user id) a '
  'member with role owner until a membership event says otherwise; a creator who is not there yet becomes owner on '
  'arrival. p_with_owner false leaves memberships alone, as an update must: the creator may have left. What is left out '
  'is blanked, but for created_by and created_at; plan and timezone are not touched. The newest p_updated_at wins; '
  'without one the call counts as of now. Returns applied, duplicate, stale, or ignored for an event of another '
  'instance. Safe to repeat. A deleted organization stays deleted. Raises 23502 or 23514 for a missing or empty id, '
  '23502 for a missing name. For service_role only.';

create function public.delete_org(
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
    row(p_event_id, p_event_type, p_event_at, p_external_id, null, p_external_id, p_instance_id);
  v_outcome public.sync_outcome;
  v_slug text;
  v_is_newer boolean;
  v_organization_id uuid;
begin
  v_outcome := clerk_sync.begin_event(v_delivery);
  if v_outcome is not null then
    return v_outcome;
  end if;

  perform pg_advisory_xact_lock(hashtextextended('organization:' || p_external_id, 0));

  insert into clerk_sync.organization_register as known (external_id, deleted_at)
  values (p_external_id, v_event_at)
  on conflict (external_id) do update
  set deleted_at = excluded.deleted_at
  where known.deleted_at is null
    or known.deleted_at > excluded.deleted_at;
  v_is_newer := found;

  select claimed_slug
  into v_slug
  from clerk_sync.organization_register
  where external_id = p_external_id;
  perform pg_advisory_xact_lock(hashtextextended('slug:' || v_slug, 0));

  -- From the register, and also when nothing is new: a row that was brought back by hand goes again.
  update public.organizations o
  set deleted_at = known.deleted_at
  from clerk_sync.organization_register known
  where o.external_id = p_external_id
    and known.external_id = p_external_id
    and o.deleted_at is distinct from known.deleted_at;

  perform clerk_sync.settle_slug(v_slug);

  select id
  into v_organization_id
  from public.organizations
  where external_id = p_external_id;
  -- Of a crowd the rows are left to settle_members: access goes by the deletion meanwhile.
  if clerk_sync.is_crowd(v_organization_id) then
    insert into clerk_sync.unsettled (parent_id)
    values (v_organization_id)
    on conflict (parent_id) do nothing;
  else
    update public.organization_members
    set status = 'inactive'
    where organization_id = v_organization_id
      and status <> 'inactive';
  end if;

  return clerk_sync.finish_event(
    v_delivery,
    v_is_newer,
    p_effect => case when not v_is_newer then 'over' when v_organization_id is null then 'remembered' else 'deleted' end
  );
end;
$$;

revoke execute on function public.delete_org(text, text, text, timestamptz, text)
  from public, anon, authenticated;
grant execute on function public.delete_org(text, text, text, timestamptz, text)
  to service_role;

comment on function public.delete_org(text, text, text, timestamptz, text) is
  'Marks an organization as deleted as of p_event_at (without one: now), for good; its slug is free again and its '
  'memberships become inactive. One that was never seen is remembered. Of several deletes the earliest time stays. '
  'Returns applied, duplicate, stale, or ignored for an event of another instance. Safe to repeat. Raises 23502 or 23514 '
  'for a missing or empty p_external_id. For service_role only.';
