-- What a Supabase database has before the first migration, as far as migrations and tests can see it. Run by the superuser,
-- who is not `postgres`: as on a hosted project, the migrations' owner is no superuser.
-- Safe to repeat: it runs at every start. Passwords are no part of it: they are of the stack, not of the database.

do $$
begin
  create role postgres login createdb createrole replication bypassrls;
  create role anon nologin noinherit;
  create role authenticated nologin noinherit;
  create role service_role nologin noinherit bypassrls;
  create role authenticator login noinherit;
exception
  when duplicate_object then null;
end
$$;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role, authenticator, pg_monitor, pg_read_all_data, pg_signal_backend to postgres
  with admin option;

alter role postgres set search_path to "$user", public, extensions;
alter role authenticator set statement_timeout to '8s';
alter role authenticator set lock_timeout to '8s';
alter role authenticated set statement_timeout to '8s';
alter role anon set statement_timeout to '3s';

do $$
begin
  execute format('alter database %I owner to postgres', current_database());
end
$$;

create schema if not exists extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;

-- The schema, and nothing in it: since 2026 a table in public is granted to nobody, whoever made it. A function is
-- granted to everybody, which is PostgreSQL's own way.
grant usage on schema public to anon, authenticated, service_role;

create schema if not exists auth;
grant usage on schema auth to postgres, anon, authenticated, service_role;

create or replace function auth.jwt()
returns jsonb
language sql
stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

create or replace function auth.role()
returns text
language sql
stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;

create or replace function auth.uid()
returns uuid
language sql
stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;

-- The Data API reads the schema again after every change to it.
create or replace function extensions.pgrst_ddl_watch()
returns event_trigger
language plpgsql
as $$
begin
  notify pgrst, 'reload schema';
end
$$;

do $$
begin
  create event trigger pgrst_ddl_watch on ddl_command_end
    execute function extensions.pgrst_ddl_watch();
exception
  when duplicate_object then null;
end
$$;

-- Realtime's, to which a project adds its tables.
do $$
begin
  create publication supabase_realtime;
  alter publication supabase_realtime owner to postgres;
exception
  when duplicate_object then null;
end
$$;
