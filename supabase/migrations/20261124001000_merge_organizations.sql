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
language sql
stable
set search_path = ''
as $$
  select external_id
  from clerk_sync.organization_register
  where claimed_slug = p_slug
    and deleted_at is null
  order by version desc, external_id desc
  limit 1;
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
set search_path = ''
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

create function clerk_sync.set_creators(
  p_states clerk_sync.organization_state[]
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  with changed as (
    select o.id, o.created_by as former, s.created_by as creator
    from unnest(p_states) s
    cross join lateral (
      select id, created_by
      from public.organizations
      where external_id = s.external_id
      offset 0
    ) o
    where o.created_by is distinct from s.created_by
  ),
  named as (
    update public.organizations o
    set created_by = c.creator
    from changed c
    where o.id = c.id
  )
  update public.organization_members m
  set role = clerk_sync.member_role(m.clerk_role, u.external_id = c.creator)
  from changed c
  cross join lateral unnest(array[c.former, c.creator]) concerned (external_id)
  cross join lateral (
    select id, external_id
    from public.users
    where external_id = concerned.external_id
    offset 0
  ) u
  where m.organization_id = c.id
    and m.user_id = u.id;
end;
$$;

revoke execute on function clerk_sync.set_creators(clerk_sync.organization_state[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.set_creators(clerk_sync.organization_state[]) is
  'Rule 4. Writes who created some organizations and recomputes the roles that depend on it. The caller holds the '
  'organizations'' locks.';

create function clerk_sync.merge_organizations(
  p_states clerk_sync.organization_state[]
)
returns text[]
language plpgsql
volatile
set search_path = ''
as $$
declare
  c_nothing constant clerk_sync.version := row(0, '-infinity', '-infinity', '');
  v_newer clerk_sync.organization_state[];
  v_naming clerk_sync.organization_state[];
  v_former_slugs text[];
begin
  select
    array_agg(s) filter (where known.external_id is null or known.version < s.version),
    array_agg(s) filter (
      where s.created_by is not null
        and (known.external_id is null or known.creator_version < s.version)
    ),
    array_agg(known.claimed_slug) filter (where known.version < s.version)
  into v_newer, v_naming, v_former_slugs
  from unnest(p_states) s
  left join lateral (
    select external_id, version, creator_version, claimed_slug
    from clerk_sync.organization_register
    where external_id = s.external_id
    offset 0
  ) known on true;

  insert into clerk_sync.organization_register as known (external_id, version, claimed_slug, creator_version)
  select external_id, version, slug, case when created_by is null then c_nothing else version end
  from unnest(p_states)
  on conflict (external_id) do update
  set version = greatest(known.version, excluded.version),
      claimed_slug = case when known.version < excluded.version then excluded.claimed_slug else known.claimed_slug end,
      creator_version = greatest(known.creator_version, excluded.creator_version)
  where known.version < excluded.version
    or known.creator_version < excluded.creator_version;

  if v_newer is not null then
    perform clerk_sync.settle_slug(slug)
    from (
      select unnest(v_former_slugs)
      union
      select s.slug
      from unnest(v_newer) s
    ) concerned (slug);

    insert into public.organizations as o (
      external_id, name, slug, logo_url, created_by, public_metadata, created_at, updated_at, deleted_at
    )
    select
      s.external_id,
      case when (s.version).rank = 1 then s.external_id else s.name end,
      case when clerk_sync.slug_holder(s.slug) = s.external_id then s.slug end,
      s.logo_url,
      s.created_by,
      coalesce(s.public_metadata, '{}'),
      coalesce(
        s.created_at,
        (select stored.created_at from public.organizations stored where stored.external_id = s.external_id),
        s.event_at
      ),
      case when (s.version).rank >= 3 then (s.version).updated_at else s.event_at end,
      (select known.deleted_at from clerk_sync.organization_register known where known.external_id = s.external_id)
    from unnest(v_newer) s
    on conflict (external_id) do update
    set name = excluded.name,
        slug = excluded.slug,
        logo_url = excluded.logo_url,
        public_metadata = excluded.public_metadata,
        created_at = excluded.created_at,
        updated_at = excluded.updated_at,
        deleted_at = excluded.deleted_at;
  end if;

  if v_naming is not null then
    perform clerk_sync.set_creators(v_naming);
  end if;

  return array(select s.external_id from unnest(v_newer) s);
end;
$$;

revoke execute on function clerk_sync.merge_organizations(clerk_sync.organization_state[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_organizations(clerk_sync.organization_state[]) is
  'Merges one state of each of some organizations, and returns the ids of those whose state is newer than what was '
  'stored. plan and timezone are never written; a deleted organization stays deleted. A state that names no creator '
  'leaves the one that is known. Without created_at the time that is stored stays. Raises 21000 when an organization is '
  'named twice. The caller holds the organizations'' locks and those of the slugs that they have and claim.';
