-- What the benchmark needs besides the project's own migrations: an RPC that does nothing, RPCs that do little, and tables
-- for the reference.

create function public.benchmark_noop()
returns public.sync_outcome
language sql
set search_path = pg_catalog, pg_temp
as $$
  select 'applied'::public.sync_outcome;
$$;

revoke execute on function public.benchmark_noop() from public, anon, authenticated;
grant execute on function public.benchmark_noop() to service_role;

-- Beside each RPC that the deliveries call one with the same parameters that writes a row of a ledger, and nothing else.
create schema ledger_row;

create table ledger_row.events (like clerk_sync.events including all);

do $$
declare
  v_name text;
  v_definition text;
  v_body text;
begin
  for v_name, v_definition, v_body in
    select proname, pg_get_functiondef(oid), prosrc
    from pg_proc
    where pronamespace = 'public'::regnamespace
      and proname in ('upsert_user', 'upsert_org_with_owner', 'set_membership', 'record_session')
  loop
    v_definition := replace(v_definition, v_body, $body$
      begin
        insert into ledger_row.events (event_id, event_type, event_at, object_id, outcome)
        values (p_event_id, p_event_type, p_event_at, p_external_id, 'applied');
        return 'applied';
      end;
    $body$);
    execute replace(v_definition, 'public.' || v_name, 'public.ledger_row_' || v_name);
  end loop;
end;
$$;

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
