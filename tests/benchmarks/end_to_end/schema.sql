-- What the benchmark needs besides the project's own migrations: an RPC that does nothing, and tables for the references.

create function public.benchmark_noop()
returns public.sync_outcome
language sql
set search_path = pg_catalog, pg_temp
as $$
  select 'applied'::public.sync_outcome;
$$;

revoke execute on function public.benchmark_noop() from public, anon, authenticated;
grant execute on function public.benchmark_noop() to service_role;

-- The same columns, defaults, checks and indexes as the project's tables, and nothing of its private schema.
do $$
declare
  v_schema text;
begin
  foreach v_schema in array '{tutorial,upsert}'::text[]
  loop
    execute replace($tables$
      create schema :schema;

      create table :schema.users (like public.users including all);
      create table :schema.organizations (like public.organizations including all);
      create table :schema.organization_members (
        like public.organization_members including all,
        foreign key (organization_id) references :schema.organizations,
        foreign key (user_id) references :schema.users
      );
      create table :schema.user_sessions (like public.user_sessions including all);

      grant usage on schema :schema to service_role;
      grant all on all tables in schema :schema to service_role;
    $tables$, ':schema', v_schema);
  end loop;
end;
$$;
