-- Rules 3, 4 and 7: public.organization_members is a pure function of the registers. Whoever changes an input projects
-- the pairs that it touches.

create function clerk_sync.member_role(
  p_clerk_role text,
  p_is_creator boolean
)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case
    when p_is_creator and coalesce(p_clerk_role, 'org:admin') in ('org:admin', 'admin') then 'owner'
    when coalesce(p_clerk_role, 'basic_member') = 'basic_member' then 'member'
    else regexp_replace(p_clerk_role, '^org:', '')
  end;
$$;

revoke execute on function clerk_sync.member_role(text, boolean)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.member_role(text, boolean) is
  'Rule 4. The role that the app sees: owner for a creator with an admin role, else Clerk''s key without org:. A null '
  'key is a membership that only the organization''s creation vouches for; Clerk makes its creator an admin. '
  'basic_member is Clerk''s older key for member.';

create function clerk_sync.newest_membership(
  p_organization_external_id text,
  p_user_external_id text
)
returns clerk_sync.membership_register
language sql
stable
set search_path = ''
as $$
  select r
  from clerk_sync.membership_register r
  where organization_external_id = p_organization_external_id
    and user_external_id = p_user_external_id
  order by is_generation_zero, joined_at desc nulls last, external_id desc
  limit 1;
$$;

revoke execute on function clerk_sync.newest_membership(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.newest_membership(text, text) is
  'Rule 3. The newest generation of a pair, deleted or not; null when none is known.';

create type clerk_sync.member_pair as (
  organization_external_id text,
  user_external_id text
);

comment on type clerk_sync.member_pair is 'Whose membership, and where: Clerk ids of an organization and a user.';

comment on column clerk_sync.member_pair.organization_external_id is 'Clerk organization id.';
comment on column clerk_sync.member_pair.user_external_id is 'Clerk user id.';

-- `offset 0` keeps each lookup a lookup by key: joined plainly, a plan that was made while the tables were small would
-- go on reading them whole.
create function clerk_sync.project_members(
  p_pairs clerk_sync.member_pair[]
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  with newest as (
    select o.id as organization_id, u.id as user_id, o.created_by = u.external_id as is_creator,
      o.deleted_at is null and u.deleted_at is null as is_active, n.*
    from (select distinct * from unnest(p_pairs)) p
    cross join lateral clerk_sync.newest_membership(p.organization_external_id, p.user_external_id) n
    cross join lateral (
      select id, created_by, deleted_at
      from public.organizations
      where external_id = p.organization_external_id
      offset 0
    ) o
    cross join lateral (
      select id, external_id, deleted_at
      from public.users
      where external_id = p.user_external_id
      offset 0
    ) u
    where n.external_id is not null
  ),
  removed as (
    delete from public.organization_members m
    using newest n
    where n.deleted_at is not null
      and m.organization_id = n.organization_id
      and m.user_id = n.user_id
  )
  insert into public.organization_members as m (
    organization_id, user_id, external_id, clerk_role, role, status, joined_at, updated_at
  )
  select
    organization_id,
    user_id,
    case when not is_generation_zero then external_id end,
    clerk_role,
    clerk_sync.member_role(clerk_role, is_creator),
    case when is_active then 'active' else 'inactive' end,
    joined_at,
    greatest((version).updated_at, joined_at)
  from newest
  where deleted_at is null
  on conflict (organization_id, user_id) do update
  set external_id = excluded.external_id,
      clerk_role = excluded.clerk_role,
      role = excluded.role,
      status = excluded.status,
      joined_at = excluded.joined_at,
      updated_at = excluded.updated_at;
end;
$$;

revoke execute on function clerk_sync.project_members(clerk_sync.member_pair[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.project_members(clerk_sync.member_pair[]) is
  'Rule 3. Writes the membership of each pair as its newest generation says: a row when that one lives, none when it '
  'is deleted. Leaves out pairs whose organization or user is unknown. The caller holds the locks of all of them.';

-- Ownership that waited for its user, and memberships that could not be shown yet: they appear with the user's row.
create function clerk_sync.project_members_of_users(
  p_external_ids text[]
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform clerk_sync.project_members(
    array(
      select row(organization_external_id, user_external_id)::clerk_sync.member_pair
      from clerk_sync.membership_register
      where user_external_id = any (p_external_ids)
    )
  );
end;
$$;

revoke execute on function clerk_sync.project_members_of_users(text[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.project_members_of_users(text[]) is
  'Projects every pair of some users. The caller holds the locks of the users and of their organizations.';

create function clerk_sync.lock_organizations_of_user(
  p_external_id text
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform clerk_sync.lock_shared('organization', o.external_id)
  from (
    select distinct organization_external_id as external_id
    from clerk_sync.membership_register
    where user_external_id = p_external_id
    order by external_id
  ) o;
end;
$$;

revoke execute on function clerk_sync.lock_organizations_of_user(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock_organizations_of_user(text) is
  'Keeps all organizations of one user from changing, taking their locks in order: before the user''s memberships are '
  'projected. The caller holds the user''s lock.';
