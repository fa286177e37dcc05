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

create function clerk_sync.project_member(
  p_organization_external_id text,
  p_user_external_id text
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_newest clerk_sync.membership_register :=
    clerk_sync.newest_membership(p_organization_external_id, p_user_external_id);
begin
  if v_newest.deleted_at is not null then
    delete from public.organization_members m
    using public.organizations o, public.users u
    where o.external_id = p_organization_external_id
      and u.external_id = p_user_external_id
      and m.organization_id = o.id
      and m.user_id = u.id;
    return;
  end if;

  insert into public.organization_members as m (
    organization_id, user_id, external_id, clerk_role, role, status, joined_at, updated_at
  )
  select
    o.id,
    u.id,
    case when not v_newest.is_generation_zero then v_newest.external_id end,
    v_newest.clerk_role,
    clerk_sync.member_role(v_newest.clerk_role, o.created_by is not distinct from u.external_id),
    case when o.deleted_at is null and u.deleted_at is null then 'active' else 'inactive' end,
    v_newest.joined_at,
    greatest((v_newest.version).updated_at, v_newest.joined_at)
  from public.organizations o, public.users u
  where v_newest.external_id is not null
    and o.external_id = p_organization_external_id
    and u.external_id = p_user_external_id
  on conflict (organization_id, user_id) do update
  set external_id = excluded.external_id,
      clerk_role = excluded.clerk_role,
      role = excluded.role,
      status = excluded.status,
      joined_at = excluded.joined_at,
      updated_at = excluded.updated_at;
end;
$$;

revoke execute on function clerk_sync.project_member(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.project_member(text, text) is
  'Rule 3. Writes the membership of one pair as its newest generation says: a row when that one lives, none when it '
  'is deleted. Does nothing while the organization or the user is unknown. The caller holds the locks of both.';

-- Ownership that waited for its user, and memberships that could not be shown yet: they appear with the user's row.
create function clerk_sync.project_members_of_user(
  p_user_external_id text
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_organization_external_id text;
begin
  for v_organization_external_id in
    select distinct organization_external_id
    from clerk_sync.membership_register
    where user_external_id = p_user_external_id
    order by organization_external_id
  loop
    perform clerk_sync.lock_shared('organization', v_organization_external_id);
    perform clerk_sync.project_member(v_organization_external_id, p_user_external_id);
  end loop;
end;
$$;

revoke execute on function clerk_sync.project_members_of_user(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.project_members_of_user(text) is
  'Projects every pair of one user, taking the organizations'' locks in order. The caller holds the user''s lock.';
