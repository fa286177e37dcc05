-- A crowd for the benchmark: $1 users, $2 organizations, $3 memberships of each user in as many organizations drawn at random.
-- The same numbers always make the same crowd. Triggers, which are those of foreign keys, are off: what is made here refers
-- to what is there.
set local session_replication_role = replica;
set local synchronous_commit = off;

insert into public.users (external_id, email, full_name, avatar_url)
select 'user_' || i, 'user' || i || '@example.com', 'User ' || i, 'https://img.example.com/' || i
from generate_series(1, :users) i;

insert into public.public_user_data (id, external_id, email, full_name, avatar_url)
select id, external_id, email, full_name, avatar_url
from public.users
where external_id like 'user\_%';

insert into public.organizations (external_id, name, slug)
select 'org_' || i, 'Organization ' || i, 'organization-' || i
from generate_series(1, :organizations) i;

create temporary table numbered_users on commit drop as
select id, substr(external_id, 6)::int as number
from public.users
where external_id like 'user\_%';

create temporary table numbered_organizations on commit drop as
select id, substr(external_id, 5)::int as number
from public.organizations
where external_id like 'org\_%';

analyze numbered_users, numbered_organizations;

-- A few draws more than wanted, for some are drawn twice. The first makes an admin.
insert into public.organization_members (organization_id, user_id, role, clerk_role, external_id)
select o.id, u.id, role, 'org:' || role, 'orgmem_' || u.number || '_' || position
from numbered_users u
cross join lateral (
  select number, row_number() over (order by first_draw) as position
  from (
    select 1 + (hashint4extended(u.number, draw) & 2147483647) % :organizations as number, min(draw) as first_draw
    from generate_series(1, :memberships + 10) draw
    group by 1
  ) drawn
  order by first_draw
  limit :memberships
) wanted
join numbered_organizations o on o.number = wanted.number
cross join lateral (select case when position = 1 then 'admin' else 'member' end as role) given;
