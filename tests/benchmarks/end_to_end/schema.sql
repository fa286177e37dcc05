-- What the benchmark needs besides the project's own migrations: an RPC that does nothing, and tables for the reference.

create function public.benchmark_noop()
returns public.sync_outcome
language sql
set search_path = ''
as $$
  select 'applied'::public.sync_outcome;
$$;

revoke execute on function public.benchmark_noop() from public, anon, authenticated;
grant execute on function public.benchmark_noop() to service_role;

-- The same columns, defaults, checks and indexes as the project's tables, and nothing of its private schema.
create schema reference;

create table reference.users (like public.users including all);
create table reference.organizations (like public.organizations including all);
create table reference.organization_members (
  like public.organization_members including all,
  foreign key (organization_id) references reference.organizations,
  foreign key (user_id) references reference.users
);
create table reference.user_sessions (like public.user_sessions including all);

grant usage on schema reference to service_role;
grant all on all tables in schema reference to service_role;
