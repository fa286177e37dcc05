-- Rules 3, 4 and 7: public.organization_members is a pure function of the registers. Whoever changes an input projects
-- the pairs that it touches.

create function clerk_sync.member_role(
  p_clerk_role text,
  p_is_creator boolean
)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_is_creator and coalesce(p_clerk_role, 'org:admin') in ('org:admin', 'admin') then 'owner'
    when coalesce(p_clerk_role, 'basic_member') = 'basic_member' then 'member'
    when p_clerk_role in ('org:owner', 'owner') then 'org:owner'
    when starts_with(p_clerk_role, 'org:') then substr(p_clerk_role, 5)
    else p_clerk_role
  end;
end;
$$;

revoke execute on function clerk_sync.member_role(text, boolean)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.member_role(text, boolean) is
  'Rule 4. The role that the app sees: owner for a creator with an admin role, else Clerk''s key without org:. A null '
  'key is a membership that only the organization''s creation vouches for; Clerk makes its creator an admin. '
  'basic_member is Clerk''s older key for member. A role that somebody named owner in Clerk is org:owner, whoever has it: '
  'owner is told of creators alone.';

create function clerk_sync.newest_membership(
  p_organization_external_id text,
  p_user_external_id text
)
returns clerk_sync.membership_register
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_newest clerk_sync.membership_register;
begin
  select *
  into v_newest
  from clerk_sync.membership_register
  where organization_external_id = p_organization_external_id
    and user_external_id = p_user_external_id
  order by is_generation_zero, joined_at desc nulls last, external_id desc
  limit 1;
  return v_newest;
end;
$$;

revoke execute on function clerk_sync.newest_membership(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.newest_membership(text, text) is
  'Rule 3. The newest generation of a pair, deleted or not; null when none is known.';

create function clerk_sync.project_member(
  p_organization_external_id text,
  p_user_external_id text,
  out newest_external_id text,
  out is_removed boolean,
  out has_appeared boolean,
  out error_code text,
  out error text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_member record;
begin
  select
    r.external_id as generation,
    r.deleted_at is not null as is_removed,
    o.id as organization_id,
    u.id as user_id,
    case when not r.is_generation_zero then r.external_id end as external_id,
    r.clerk_role,
    o.created_by = u.external_id as is_creator,
    case when o.deleted_at is null and u.deleted_at is null then 'active' else 'inactive' end as status,
    r.joined_at,
    greatest((r.version).updated_at, r.joined_at) as updated_at
  into v_member
  from clerk_sync.membership_register r
  left join public.organizations o on o.external_id = p_organization_external_id
  left join public.users u on u.external_id = p_user_external_id
  where r.organization_external_id = p_organization_external_id
    and r.user_external_id = p_user_external_id
  order by r.is_generation_zero, r.joined_at desc nulls last, r.external_id desc
  limit 1;
  newest_external_id := v_member.generation;
  is_removed := v_member.is_removed;
  has_appeared := false;

  if v_member.organization_id is null or v_member.user_id is null then
    return;
  elsif is_removed then
    select removed.error_code, removed.error
    into error_code, error
    from clerk_sync.remove_member(v_member.organization_id, v_member.user_id) removed;
    return;
  end if;

  update public.organization_members
  set external_id = v_member.external_id,
      clerk_role = v_member.clerk_role,
      role = clerk_sync.member_role(v_member.clerk_role, v_member.is_creator),
      status = v_member.status,
      joined_at = v_member.joined_at,
      updated_at = v_member.updated_at
  where organization_id = v_member.organization_id
    and user_id = v_member.user_id;
  has_appeared := not found;
  if has_appeared then
    insert into public.organization_members (
      organization_id, user_id, external_id, clerk_role, role, status, joined_at, updated_at
    )
    values (
      v_member.organization_id, v_member.user_id, v_member.external_id, v_member.clerk_role,
      clerk_sync.member_role(v_member.clerk_role, v_member.is_creator), v_member.status, v_member.joined_at,
      v_member.updated_at
    );
  end if;
end;
$$;

revoke execute on function clerk_sync.project_member(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.project_member(text, text) is
  'Rules 3, 4 and 7. Writes the membership of a pair as its newest generation says: a row when that one lives, none when it '
  'is deleted, and nothing while its organization or user is unknown. Returns the id of that generation and whether it is '
  'deleted, nulls when none is known; has_appeared: there was no row before; error_code and error: why a row that should be '
  'gone is not. The caller holds the locks of the organization, the user and the membership.';

create function clerk_sync.is_shown(
  p_organization_external_id text,
  p_user_external_id text
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select
    from public.organization_members
    where organization_id = (select id from public.organizations where external_id = p_organization_external_id)
      and user_id = (select id from public.users where external_id = p_user_external_id)
  );
end;
$$;

revoke execute on function clerk_sync.is_shown(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.is_shown(text, text) is
  'Whether the pair has a row. Where it has none a state that is not newer projects it all the same: somebody may have '
  'deleted it by hand.';

-- Ownership that waited for its user, and memberships that could not be shown yet: they appear with the user's row.
create function clerk_sync.project_members_of_user(
  p_external_id text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform clerk_sync.project_member(pair.organization_external_id, p_external_id)
  from (
    select distinct organization_external_id
    from clerk_sync.membership_register
    where user_external_id = p_external_id
  ) pair;
end;
$$;

revoke execute on function clerk_sync.project_members_of_user(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.project_members_of_user(text) is
  'Projects every pair of a user. The caller holds the locks of the user and of the user''s organizations.';

create function clerk_sync.has_many_memberships(
  p_user_external_id text
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  c_locks constant integer := 1000;
begin
  return (
    select count(*) > c_locks
    from (select from clerk_sync.membership_register where user_external_id = p_user_external_id limit c_locks + 1) membership
  );
end;
$$;

revoke execute on function clerk_sync.has_many_memberships(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.has_many_memberships(text) is
  'Whether a user has more memberships than one call takes locks for: the server has some thousand for all calls together. '
  'Then the lock named everything stands for them. Two calls that both come to that meet a deadlock, and one is tried again.';

create function clerk_sync.lock_organizations_of_user(
  p_external_id text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if clerk_sync.has_many_memberships(p_external_id) then
    perform pg_advisory_xact_lock(hashtextextended('everything:', 0));
    return;
  end if;

  perform pg_advisory_xact_lock_shared(hashtextextended('organization:' || o.external_id, 0))
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
