-- What an app asks about its signed-in user, as RPCs and in the policies of its own tables. Clerk is the third-party
-- auth provider: the caller is the `sub` of a Clerk session token, a text, so auth.uid() would fail.
-- In a policy call them in a subquery, `organization_id = any (array(select my_organization_ids()))`: it is evaluated
-- once a query; called with a column, once a row. Those that policies call are in plpgsql, which keeps their plans.

create function public.my_user_id()
returns uuid
language plpgsql
stable
security definer -- reads users past its policy, which asks this very question
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select id
    from public.users
    where external_id = (select auth.jwt() ->> 'sub')
      -- Clerk treats a session that still has a task to do as signed out. Old tokens do not tell.
      and coalesce((select auth.jwt() ->> 'sts'), 'active') = 'active'
      and deleted_at is null
      and not banned
      and not deprovisioned
      and not exists (
        select
        from clerk_sync.events
        where outcome = 'failed'
          and ends_access
          and user_external_id = users.external_id
          and organization_external_id is null
      )
  );
end;
$$;

revoke execute on function public.my_user_id()
  from public, anon, authenticated, service_role;
grant execute on function public.my_user_id()
  to authenticated;

comment on function public.my_user_id() is
  'Our key of the signed-in user. Null when the user has no row yet, is deleted, banned or deprovisioned, also where a rule of '
  'the app''s keeps the row from saying so, or the session is not active: such a caller sees nothing. For authenticated.';

create function public.my_user()
returns setof public.users
language sql
stable
security invoker
rows 1
set search_path = pg_catalog, pg_temp
as $$
  select *
  from public.users
  where id = (select public.my_user_id());
$$;

revoke execute on function public.my_user()
  from public, anon, authenticated, service_role;
grant execute on function public.my_user()
  to authenticated;

comment on function public.my_user() is
  'Who am I: the row of the signed-in user in users; no row where my_user_id is null. For authenticated.';

-- Rule 7: where the organization is deleted, nobody is active.
create function public.my_organization_ids(
  p_roles text[] default null
)
returns setof uuid
language plpgsql
stable
security definer -- reads organization_members past its policy, which asks this very question
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select m.organization_id
  from public.organization_members m
  where m.user_id = public.my_user_id()
    and m.status = 'active'
    and (p_roles is null or m.role = any (p_roles))
    -- Both next to always empty: a look into an empty array costs less than a join.
    and m.organization_id <> all (array(select parent_id from clerk_sync.unsettled))
    and m.organization_id <> all (
      array(
        select o.id
        from clerk_sync.events e
        join public.organizations o on o.external_id = e.organization_external_id
        where e.outcome = 'failed'
          and e.ends_access
          and (e.user_external_id is null or e.user_external_id = (select auth.jwt() ->> 'sub'))
      )
    );
end;
$$;

revoke execute on function public.my_organization_ids(text[])
  from public, anon, authenticated, service_role;
grant execute on function public.my_organization_ids(text[])
  to authenticated;

comment on function public.my_organization_ids(text[]) is
  'Our keys of the organizations in which the signed-in user is an active member; with p_roles only those in which the '
  'role is one of these, as {owner,admin}. Goes by the membership rows, not by the token: a removed member is out as '
  'soon as the sync has heard of it, also where a rule of the app''s keeps the row. For authenticated.';

create function public.my_organizations()
returns table (
  id uuid,
  external_id text,
  name text,
  slug text,
  plan text,
  timezone text,
  logo_url text,
  role text,
  joined_at timestamptz
)
language sql
stable
security invoker
rows 10
set search_path = pg_catalog, pg_temp
as $$
  select o.id, o.external_id, o.name, o.slug, o.plan, o.timezone, o.logo_url, m.role, m.joined_at
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id = (select public.my_user_id())
    and m.status = 'active'
  order by o.name, o.id;
$$;

revoke execute on function public.my_organizations()
  from public, anon, authenticated, service_role;
grant execute on function public.my_organizations()
  to authenticated;

comment on function public.my_organizations() is
  'The organizations in which the signed-in user is an active member, each with the role, by name. For authenticated.';

-- Asks of the members nothing but what the unique index holds: rows are not read. Of an organization in which the caller is
-- active those who are inactive left it, or are deleted.
create function public.my_colleague_ids(
  p_first uuid default '00000000-0000-0000-0000-000000000000',
  p_last uuid default 'ffffffff-ffff-ffff-ffff-ffffffffffff'
)
returns setof uuid
language plpgsql
stable
security definer -- reads organization_members past its policy
rows 1000
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select user_id
  from public.organization_members
  where organization_id = any (array(select public.my_organization_ids()))
    and user_id between p_first and p_last
    and status = 'active'
    and user_id <> all (array(select parent_id from clerk_sync.unsettled));
end;
$$;

revoke execute on function public.my_colleague_ids(uuid, uuid)
  from public, anon, authenticated, service_role;
grant execute on function public.my_colleague_ids(uuid, uuid)
  to authenticated;

comment on function public.my_colleague_ids(uuid, uuid) is
  'Our keys of the active members of the organizations in which the signed-in user is active, the user too; with p_first and '
  'p_last only those from one to the other, for a policy that asks in parts. Who shares several organizations comes as often: '
  'policies would pay for leaving that out. For authenticated.';

create function public.is_member_of(
  p_organization_id uuid
)
returns boolean
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from public.my_organization_ids() id
    where id = p_organization_id
  );
$$;

revoke execute on function public.is_member_of(uuid)
  from public, anon, authenticated, service_role;
grant execute on function public.is_member_of(uuid)
  to authenticated;

comment on function public.is_member_of(uuid) is
  'Whether the signed-in user is an active member of an organization, in whatever role. In a policy prefer '
  'my_organization_ids. For authenticated.';

create function public.is_admin_of(
  p_organization_id uuid
)
returns boolean
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from public.my_organization_ids('{owner,admin}') id
    where id = p_organization_id
  );
$$;

revoke execute on function public.is_admin_of(uuid)
  from public, anon, authenticated, service_role;
grant execute on function public.is_admin_of(uuid)
  to authenticated;

comment on function public.is_admin_of(uuid) is
  'Whether the signed-in user is an active owner or admin of an organization. For authenticated.';

create function public.is_owner_of(
  p_organization_id uuid
)
returns boolean
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from public.my_organization_ids('{owner}') id
    where id = p_organization_id
  );
$$;

revoke execute on function public.is_owner_of(uuid)
  from public, anon, authenticated, service_role;
grant execute on function public.is_owner_of(uuid)
  to authenticated;

comment on function public.is_owner_of(uuid) is
  'Whether the signed-in user is an active owner of an organization: its creator, with an admin role in Clerk. For '
  'authenticated.';

create function public.active_organization_id()
returns uuid
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select id
    from public.organizations
    where external_id = (select coalesce(auth.jwt() -> 'o' ->> 'id', auth.jwt() ->> 'org_id'))
      and id = any (array(select public.my_organization_ids()))
  );
end;
$$;

revoke execute on function public.active_organization_id()
  from public, anon, authenticated, service_role;
grant execute on function public.active_organization_id()
  to authenticated;

comment on function public.active_organization_id() is
  'Our key of the organization that is active in the session token (claim o.id of version 2, org_id of version 1); null '
  'without one, and when the signed-in user is no active member of it: a token lives on for a minute. For '
  'authenticated.';

create function public.my_plan()
returns text
language plpgsql
stable
security definer -- reads subscriptions past its policy, which asks a question more
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    clerk_sync.plan_in_force((select external_id from public.users where id = (select public.my_user_id())), null),
    'free'
  );
end;
$$;

revoke execute on function public.my_plan()
  from public, anon, authenticated, service_role;
grant execute on function public.my_plan()
  to authenticated;

comment on function public.my_plan() is
  'Slug of the plan that the signed-in user has paid for, free where none is in force; that of an organization is its plan. For '
  'authenticated.';
