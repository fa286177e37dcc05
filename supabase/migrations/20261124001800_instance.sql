-- Which Clerk instance the data are of: a key of another instance must not fill this database, nor empty it.

create table clerk_sync.instance (
  is_bound boolean primary key default true,
  instance_id text not null,
  bound_at timestamptz not null default now(),
  constraint there_is_one_instance check (is_bound),
  constraint instance_id_is_not_empty check (instance_id <> '')
);

alter table clerk_sync.instance enable row level security;

comment on table clerk_sync.instance is
  'The Clerk instance that this project follows: one row, or none until something was read from Clerk''s API.';
comment on column clerk_sync.instance.is_bound is 'Always true: there is at most one row.';
comment on column clerk_sync.instance.instance_id is 'Clerk instance id, ins_….';
comment on column clerk_sync.instance.bound_at is 'Since when.';

create function public.sync_bound_instance()
returns text
language sql
stable
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
  select instance_id
  from clerk_sync.instance;
$$;

revoke execute on function public.sync_bound_instance()
  from public, anon, authenticated;
grant execute on function public.sync_bound_instance()
  to service_role;

comment on function public.sync_bound_instance() is
  'Id of the Clerk instance that this project follows, ins_…; null before the first reading of Clerk''s API. For '
  'service_role only.';

create function public.sync_bind_instance(
  p_instance_id text,
  p_switch boolean default false
)
returns text
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bound text;
begin
  insert into clerk_sync.instance (instance_id)
  values (p_instance_id)
  on conflict (is_bound) do nothing;
  if found then
    return 'bound';
  end if;

  select instance_id
  into v_bound
  from clerk_sync.instance
  for update;
  if v_bound = p_instance_id then
    return 'same';
  elsif not p_switch then
    return 'other';
  end if;

  update clerk_sync.instance
  set instance_id = p_instance_id,
      bound_at = now()
  where is_bound; -- the one row: without a condition the Data API's role may not
  return 'bound';
end;
$$;

revoke execute on function public.sync_bind_instance(text, boolean)
  from public, anon, authenticated;
grant execute on function public.sync_bind_instance(text, boolean)
  to service_role;

comment on function public.sync_bind_instance(text, boolean) is
  'Says which Clerk instance this project follows. Returns bound: it does from now on; same: it did before; other: it '
  'follows another one, and goes on doing so unless p_switch is true. Safe to repeat. Raises 23502 or 23514 for a '
  'missing or empty id. For service_role only.';
