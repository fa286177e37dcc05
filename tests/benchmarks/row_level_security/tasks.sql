-- A table of an app's with a million rows, as many of each organization. Each member may read it by two policies, and which of
-- them holds is a matter of the role: authenticated by the rows of the sync, claim_reader by the token alone. It has a claim of
-- ours with our key, which Clerk would have to be told: no policy can ask for less.
create table public.tasks (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations (id),
  title text not null,
  created_at timestamptz not null default now()
);

insert into public.tasks (organization_id, title)
select o.id, 'Task ' || number
from generate_series(1, :rows / :organizations) number
cross join (
  select id
  from public.organizations
  order by external_id
  limit :organizations
) o;

create index on public.tasks (organization_id);
alter table public.tasks enable row level security;

-- People of one organization each: to them all ways of asking answer the same.
insert into public.users (external_id, email)
select 'solo_' || i, 'solo' || i || '@example.com'
from generate_series(1, :repeat) i;

insert into public.organization_members (organization_id, user_id)
select o.id, u.id
from (
  select id, row_number() over (order by external_id) as number
  from (
    select id, external_id
    from public.organizations
    order by external_id
    limit :organizations
  ) with_tasks
) o
join public.users u on u.external_id = 'solo_' || o.number;

create role claim_reader;
grant claim_reader to postgres;
grant usage on schema public, auth to claim_reader;
grant select on public.tasks to authenticated, service_role, claim_reader;

create policy "members read" on public.tasks for select to authenticated
  using (organization_id = any (array(select public.my_organization_ids())));
create policy "the token says whose" on public.tasks for select to claim_reader
  using (organization_id = (select (auth.jwt() ->> 'organization_id')::uuid));
