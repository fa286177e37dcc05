-- Access ends at once, also that of so many that writing it to each row would take longer than a delivery may: a deletion that
-- concerns more rows than these leaves them to whoever comes by, and what is asked about access goes by the deletion itself.

create table clerk_sync.unsettled (
  parent_id uuid primary key,
  since timestamptz not null default clock_timestamp()
);

alter table clerk_sync.unsettled enable row level security;

comment on table clerk_sync.unsettled is
  'Deleted users and organizations some of whose members are not written as inactive yet. Next to always empty.';
comment on column clerk_sync.unsettled.parent_id is 'Our key of the user or the organization.';
comment on column clerk_sync.unsettled.since is 'Since when.';

create function clerk_sync.is_crowd(
  p_parent_id uuid
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  c_at_once constant integer := 1000;
begin
  return (
    select count(*) > c_at_once
    from (
      (select from public.organization_members where organization_id = p_parent_id limit c_at_once + 1)
      union all
      (select from public.organization_members where user_id = p_parent_id limit c_at_once + 1)
    ) member
  );
end;
$$;

revoke execute on function clerk_sync.is_crowd(uuid)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.is_crowd(uuid) is
  'Whether a user or an organization has more members'' rows than one delivery writes.';

create function clerk_sync.settle_members(
  p_rows integer
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_parent_id uuid;
begin
  select parent_id
  into v_parent_id
  from clerk_sync.unsettled
  order by since
  limit 1
  for update skip locked;
  if not found then
    return;
  end if;

  -- Who writes one of the rows now writes it as inactive. Nobody waits for anybody: no order of locks is needed.
  update public.organization_members
  set status = 'inactive'
  where id = any (
    array(
      select id
      from public.organization_members
      where (organization_id = v_parent_id or user_id = v_parent_id)
        and status <> 'inactive'
      limit p_rows
      for update skip locked
    )
  );

  delete from clerk_sync.unsettled
  where parent_id = v_parent_id
    and not exists (
      select
      from public.organization_members
      where (organization_id = v_parent_id or user_id = v_parent_id)
        and status <> 'inactive'
    );
end;
$$;

revoke execute on function clerk_sync.settle_members(integer)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.settle_members(integer) is
  'Writes so many members of a deleted user or organization as inactive that were left to be written. Waits for nobody.';
