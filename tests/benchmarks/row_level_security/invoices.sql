-- A table of an app's, twice: one policy shows what is the active organization's, the other only by a permission, too. Each
-- organization whose admin is asked has a thousand rows, as many as the Data API answers with.
create table public.invoices (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id),
  number text not null,
  amount integer not null,
  created_at timestamptz not null default now()
);
create index on public.invoices (organization_id);

insert into public.invoices (organization_id, number, amount)
select m.organization_id, 'INV-' || number, number
from (
  select distinct organization_id
  from public.organization_members
  where role = 'admin'
    and user_id in (select id from public.users where external_id = any (:users))
) m
cross join generate_series(1, 1000) number;

create table public.permitted_invoices (like public.invoices including all);
insert into public.permitted_invoices
select *
from public.invoices;

alter table public.invoices enable row level security;
alter table public.permitted_invoices enable row level security;
grant select on public.invoices, public.permitted_invoices to authenticated;

create policy "members read" on public.invoices for select to authenticated
  using (organization_id = (select public.active_organization_id()));
create policy "members with the permission read" on public.permitted_invoices for select to authenticated
  using (
    organization_id = (select public.active_organization_id())
    and (select public.has_permission('org:invoices:manage'))
  );
