-- Rules 1, 4 and 6 for organizations: the newest version wins; the newest claim holds a slug; whoever created an
-- organization is known from the newest state that names a creator.

create type clerk_sync.organization_state as (
  external_id text,
  version clerk_sync.version,
  name text,
  slug text,
  logo_url text,
  created_by text,
  public_metadata jsonb,
  created_at timestamptz,
  event_at timestamptz
);

comment on type clerk_sync.organization_state is
  'What one source says of one organization: a snapshot, or a stub carried by a membership. event_at: when that was '
  'true. slug and created_by are null where there is none, never empty.';

comment on column clerk_sync.organization_state.external_id is 'Clerk organization id.';
comment on column clerk_sync.organization_state.version is 'Orders this state among all that were told of the organization.';
comment on column clerk_sync.organization_state.name is 'Name; null in a stub that holds only the id.';
comment on column clerk_sync.organization_state.slug is 'The slug that it claims; null: none.';
comment on column clerk_sync.organization_state.logo_url is 'Clerk''s image_url.';
comment on column clerk_sync.organization_state.created_by is 'Clerk user id of the creator; null: not told.';
comment on column clerk_sync.organization_state.public_metadata is 'Public metadata; null: not told.';
comment on column clerk_sync.organization_state.created_at is 'When it was created; null: not told.';
comment on column clerk_sync.organization_state.event_at is 'When this was the state.';

create function clerk_sync.slug_holder(
  p_slug text
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select external_id
    from clerk_sync.organization_register
    where claimed_slug = p_slug
      and deleted_at is null
    order by version desc, external_id desc
    limit 1
  );
end;
$$;

revoke execute on function clerk_sync.slug_holder(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.slug_holder(text) is
  'Rule 6. The Clerk id of the organization that holds a slug: the newest claim among living ones; null: nobody. A '
  'function of the claims alone, so no order of arrival shows: an older claimant gets it back when the newer one gives '
  'it up.';

create function clerk_sync.settle_slug(
  p_slug text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_holder constant text := clerk_sync.slug_holder(p_slug);
begin
  update public.organizations
  set slug = null
  where slug = p_slug
    and external_id is distinct from v_holder;

  update public.organizations
  set slug = p_slug
  where external_id = v_holder
    and slug is distinct from p_slug;
end;
$$;

revoke execute on function clerk_sync.settle_slug(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.settle_slug(text) is
  'Rule 6. Takes a slug from the organization that holds it no more and gives it to the one that does. The caller holds '
  'the slug''s lock.';

create function clerk_sync.set_creator(
  p_organization_external_id text,
  p_created_by text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid;
  v_former text;
begin
  select id, created_by
  into v_id, v_former
  from public.organizations
  where external_id = p_organization_external_id;

  update public.organizations
  set created_by = p_created_by
  where id = v_id;

  update public.organization_members m
  set role = clerk_sync.member_role(m.clerk_role, u.external_id = p_created_by)
  from public.users u
  where m.organization_id = v_id
    and m.user_id = u.id
    and u.external_id in (v_former, p_created_by);
end;
$$;

revoke execute on function clerk_sync.set_creator(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.set_creator(text, text) is
  'Rule 4. Writes who created an organization and recomputes the roles that depend on it. The caller holds the '
  'organization''s lock.';

create function clerk_sync.merge_organization(
  p_state clerk_sync.organization_state,
  out is_newer boolean,
  out has_appeared boolean
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  c_nothing constant clerk_sync.version := row(0, '-infinity', '-infinity', '');
  v_updated_at constant timestamptz :=
    case when (p_state.version).rank >= 3 then (p_state.version).updated_at else p_state.event_at end;
  v_name constant text := case when (p_state.version).rank = 1 then p_state.external_id else p_state.name end;
  v_deleted_at timestamptz;
  v_claimed_slug text;
  v_held_slug text;
  v_former_creator text;
  v_names_creator boolean;
begin
  has_appeared := false;

  select
    version < p_state.version, p_state.created_by is not null and creator_version < p_state.version, claimed_slug, deleted_at
  into is_newer, v_names_creator, v_claimed_slug, v_deleted_at
  from clerk_sync.organization_register
  where external_id = p_state.external_id;

  if not found then
    is_newer := true;
    v_names_creator := p_state.created_by is not null;
    insert into clerk_sync.organization_register (external_id, version, claimed_slug, creator_version)
    values (
      p_state.external_id, p_state.version, p_state.slug, case when v_names_creator then p_state.version else c_nothing end
    );
  else
    if not is_newer and not exists (
      select
      from public.organizations
      where external_id = p_state.external_id
    ) then
      -- The row is gone, whatever the register says: what comes next is the newest of what is here.
      is_newer := true;
      v_names_creator := p_state.created_by is not null;
    end if;
    update clerk_sync.organization_register
    set version = case when is_newer then p_state.version else version end,
        claimed_slug = case when is_newer then p_state.slug else claimed_slug end,
        creator_version = case when v_names_creator then p_state.version else creator_version end
    where external_id = p_state.external_id
      and (is_newer or v_names_creator);
  end if;

  if is_newer then
    update public.organizations
    set name = v_name,
        logo_url = p_state.logo_url,
        public_metadata = case
          when (p_state.version).event_id = '' and clerk_sync.is_rounded(p_state.public_metadata, public_metadata)
          then public_metadata
          else coalesce(p_state.public_metadata, '{}')
        end,
        created_at = coalesce(p_state.created_at, created_at),
        updated_at = v_updated_at,
        deleted_at = v_deleted_at
    where external_id = p_state.external_id
    returning slug, created_by
    into v_held_slug, v_former_creator;

    has_appeared := not found;
    if has_appeared then
      if clerk_sync.slug_holder(p_state.slug) = p_state.external_id then
        v_held_slug := p_state.slug;
        update public.organizations
        set slug = null
        where slug = v_held_slug;
      end if;
      insert into public.organizations (
        external_id, name, slug, logo_url, created_by, public_metadata, created_at, updated_at, deleted_at
      )
      values (
        p_state.external_id,
        v_name,
        v_held_slug,
        p_state.logo_url,
        p_state.created_by,
        coalesce(p_state.public_metadata, '{}'),
        coalesce(p_state.created_at, p_state.event_at),
        v_updated_at,
        v_deleted_at
      );
      v_former_creator := p_state.created_by;
      if v_claimed_slug is not null and v_claimed_slug is distinct from p_state.slug then
        perform clerk_sync.settle_slug(v_claimed_slug);
      end if;
    elsif v_held_slug is distinct from p_state.slug then
      -- The one that it gives up is free once it has the new one, or none.
      perform clerk_sync.settle_slug(p_state.slug);
      perform clerk_sync.settle_slug(v_held_slug);
    end if;
  end if;

  if v_names_creator and not (is_newer and v_former_creator is not distinct from p_state.created_by) then
    perform clerk_sync.set_creator(p_state.external_id, p_state.created_by);
  end if;
end;
$$;

revoke execute on function clerk_sync.merge_organization(clerk_sync.organization_state)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_organization(clerk_sync.organization_state) is
  'Merges one state of an organization. is_newer: it is newer than what was stored, or nothing was; has_appeared: there was no '
  'row before. plan and timezone are not written here; a deleted organization stays deleted. A state that names no creator '
  'leaves the one that is known. Without created_at the time that is stored stays; so do the digits of public metadata that a '
  'call by hand tells as doubles. The caller holds the organization''s lock and those of the slugs that it has and claims.';
