-- Access ends at once, also that of so many that writing it to each row would take longer than a delivery may: a deletion that
-- concerns more rows than these leaves them to whoever comes by, and what is asked about access goes by the deletion itself.

create table clerk_sync.unsettled (
  parent_id uuid primary key,
  since timestamptz not null default clock_timestamp(),
  source text not null default clerk_sync.source()
);

alter table clerk_sync.unsettled enable row level security;

comment on table clerk_sync.unsettled is
  'Deleted users and organizations some of whose members are not written as inactive yet. Next to always empty.';
comment on column clerk_sync.unsettled.parent_id is 'Our key of the user or the organization.';
comment on column clerk_sync.unsettled.since is 'Since when.';
comment on column clerk_sync.unsettled.source is 'Why it was deleted, for triggers on the rows that follow.';

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
  v_former_source constant text := clerk_sync.source();
  v_parent_id uuid;
  v_source text;
begin
  select parent_id, source
  into v_parent_id, v_source
  from clerk_sync.unsettled
  order by since
  limit 1
  for update skip locked;
  if not found then
    return;
  end if;

  perform set_config('clerk_sync.source', v_source, true);
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
  perform set_config('clerk_sync.source', v_former_source, true);

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
