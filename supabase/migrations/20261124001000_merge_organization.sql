-- Rules 1, 4 and 6 for organizations: the newest version wins; the newest claim holds a slug; whoever created an
-- organization is known from the newest state that names a creator.

create function clerk_sync.settle_slug(
  p_slug text
)
returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_holder text;
begin
  select external_id
  into v_holder
  from clerk_sync.organization_register
  where claimed_slug = p_slug
    and deleted_at is null
  order by version desc, external_id desc
  limit 1;

  update public.organizations
  set slug = null
  where slug = p_slug
    and external_id is distinct from v_holder;

  update public.organizations
  set slug = p_slug
  where external_id = v_holder
    and slug is distinct from p_slug;

  return v_holder;
end;
$$;

revoke execute on function clerk_sync.settle_slug(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.settle_slug(text) is
  'Rule 6. Gives a slug to the newest claim among living organizations, takes it from any other, and returns the '
  'Clerk id of the holder (null: nobody). A function of the claims alone, so no order of arrival shows: an older '
  'claimant gets it back when the newer one gives it up. The caller holds the slug''s lock.';

create function clerk_sync.set_creator(
  p_organization_external_id text,
  p_created_by text
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_former text;
begin
  select created_by
  into v_former
  from public.organizations
  where external_id = p_organization_external_id;

  if v_former is not distinct from p_created_by then
    return;
  end if;

  update public.organizations
  set created_by = p_created_by
  where external_id = p_organization_external_id;

  update public.organization_members m
  set role = clerk_sync.member_role(m.clerk_role, u.external_id = p_created_by)
  from public.organizations o, public.users u
  where o.external_id = p_organization_external_id
    and u.external_id in (p_created_by, v_former)
    and m.organization_id = o.id
    and m.user_id = u.id;
end;
$$;

revoke execute on function clerk_sync.set_creator(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.set_creator(text, text) is
  'Rule 4. Writes who created an organization and recomputes the roles that depend on it. The caller holds the '
  'organization''s lock.';

create function clerk_sync.merge_organization(
  p_external_id text,
  p_version clerk_sync.version,
  p_name text,
  p_slug text,
  p_logo_url text,
  p_created_by text,
  p_public_metadata jsonb,
  p_created_at timestamptz,
  p_event_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_known clerk_sync.organization_register;
  v_slug text := nullif(p_slug, '');
  v_creator text := nullif(p_created_by, '');
  v_is_newer boolean;
  v_names_creator boolean;
  v_holder text;
begin
  insert into clerk_sync.organization_register (external_id)
  values (p_external_id)
  on conflict (external_id) do nothing;

  select *
  into v_known
  from clerk_sync.organization_register
  where external_id = p_external_id;

  v_is_newer := v_known.version < p_version;
  v_names_creator := v_creator is not null and v_known.creator_version < p_version;

  if v_is_newer then
    perform clerk_sync.lock('slug', least(v_slug, v_known.claimed_slug));
    perform clerk_sync.lock('slug', greatest(v_slug, v_known.claimed_slug));

    update clerk_sync.organization_register
    set version = p_version,
        claimed_slug = v_slug
    where external_id = p_external_id;

    if v_known.claimed_slug is distinct from v_slug then
      perform clerk_sync.settle_slug(v_known.claimed_slug);
    end if;
    v_holder := clerk_sync.settle_slug(v_slug);

    insert into public.organizations as o (
      external_id, name, slug, logo_url, created_by, public_metadata, created_at, updated_at, deleted_at
    )
    values (
      p_external_id, case when (p_version).rank = 1 then p_external_id else p_name end,
      case when v_holder = p_external_id then v_slug end, p_logo_url,
      v_creator, coalesce(p_public_metadata, '{}'), coalesce(p_created_at, p_event_at),
      case when (p_version).rank >= 3 then (p_version).updated_at else p_event_at end, v_known.deleted_at
    )
    on conflict (external_id) do update
    set name = excluded.name,
        slug = excluded.slug,
        logo_url = excluded.logo_url,
        public_metadata = excluded.public_metadata,
        created_at = coalesce(p_created_at, o.created_at),
        updated_at = excluded.updated_at;
  end if;

  if v_names_creator then
    update clerk_sync.organization_register
    set creator_version = p_version
    where external_id = p_external_id;

    perform clerk_sync.set_creator(p_external_id, v_creator);
  end if;

  return v_is_newer;
end;
$$;

revoke execute on function clerk_sync.merge_organization(
  text, clerk_sync.version, text, text, text, text, jsonb, timestamptz, timestamptz
)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_organization(
  text, clerk_sync.version, text, text, text, text, jsonb, timestamptz, timestamptz
) is
  'Merges one state of an organization, a snapshot or a stub: true when it is newer than what is stored. plan and '
  'timezone are never written; a deleted organization stays deleted. A state that names no creator leaves the one '
  'that is known. Without p_created_at the time that is stored stays. The caller holds the organization''s lock.';
