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
return case
  when p_is_creator and coalesce(p_clerk_role, 'org:admin') in ('org:admin', 'admin') then 'owner'
  when coalesce(p_clerk_role, 'basic_member') = 'basic_member' then 'member'
  when starts_with(p_clerk_role, 'org:') then substr(p_clerk_role, 5)
  else p_clerk_role
end;

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
return (
  select r
  from clerk_sync.membership_register r
  where organization_external_id = p_organization_external_id
    and user_external_id = p_user_external_id
  order by is_generation_zero, joined_at desc nulls last, external_id desc
  limit 1
);

revoke execute on function clerk_sync.newest_membership(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.newest_membership(text, text) is
  'Rule 3. The newest generation of a pair, deleted or not; null when none is known.';

create function clerk_sync.project_member(
  p_organization_external_id text,
  p_user_external_id text,
  out newest clerk_sync.membership_register
)
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_organization_id uuid;
  v_user_id uuid;
  v_role text;
  v_status text;
begin
  newest := clerk_sync.newest_membership(p_organization_external_id, p_user_external_id);
  if newest.external_id is null then
    return;
  end if;

  select
    o.id,
    u.id,
    clerk_sync.member_role(newest.clerk_role, o.created_by = u.external_id),
    case when o.deleted_at is null and u.deleted_at is null then 'active' else 'inactive' end
  into v_organization_id, v_user_id, v_role, v_status
  from public.organizations o
  cross join public.users u
  where o.external_id = p_organization_external_id
    and u.external_id = p_user_external_id;
  if not found then
    return;
  end if;

  if newest.deleted_at is not null then
    delete from public.organization_members
    where organization_id = v_organization_id
      and user_id = v_user_id;
    return;
  end if;

  update public.organization_members
  set external_id = case when not newest.is_generation_zero then newest.external_id end,
      clerk_role = newest.clerk_role,
      role = v_role,
      status = v_status,
      joined_at = newest.joined_at,
      updated_at = greatest((newest.version).updated_at, newest.joined_at)
  where organization_id = v_organization_id
    and user_id = v_user_id;
  if found then
    return;
  end if;

  insert into public.organization_members (
    organization_id, user_id, external_id, clerk_role, role, status, joined_at, updated_at
  )
  values (
    v_organization_id,
    v_user_id,
    case when not newest.is_generation_zero then newest.external_id end,
    newest.clerk_role,
    v_role,
    v_status,
    newest.joined_at,
    greatest((newest.version).updated_at, newest.joined_at)
  );
end;
$$;

revoke execute on function clerk_sync.project_member(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.project_member(text, text) is
  'Rule 3. Writes the membership of a pair as its newest generation says: a row when that one lives, none when it is '
  'deleted, and nothing while its organization or user is unknown. Returns that generation; null when none is known. The '
  'caller holds the locks of the organization, the user and the membership.';

-- Ownership that waited for its user, and memberships that could not be shown yet: they appear with the user's row.
create function clerk_sync.project_members_of_user(
  p_external_id text
)
returns void
language plpgsql
volatile
set search_path = ''
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
