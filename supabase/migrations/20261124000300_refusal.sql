-- What refuses a call: the names that an error has in the catalogue, and never a value.

create type clerk_sync.refusal as (
  error_code text,
  schema_name text,
  table_name text,
  column_name text,
  type_name text,
  constraint_name text,
  context text
);

comment on type clerk_sync.refusal is 'What PostgreSQL says of an error, but for its message: that may quote values.';
comment on column clerk_sync.refusal.error_code is 'SQLSTATE.';
comment on column clerk_sync.refusal.schema_name is 'Schema of the table or the type; empty: none is named.';
comment on column clerk_sync.refusal.table_name is 'The table, as a raised error may name any text.';
comment on column clerk_sync.refusal.column_name is 'Its column, likewise.';
comment on column clerk_sync.refusal.type_name is 'The type, likewise.';
comment on column clerk_sync.refusal.constraint_name is 'The constraint or the unique index, likewise.';
comment on column clerk_sync.refusal.context is 'The functions and statements that were under way, the innermost first.';

create function clerk_sync.refusing_object(
  p_refusal clerk_sync.refusal
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table oid;
  v_type oid;
begin
  select c.oid
  into v_table
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = p_refusal.schema_name
    and c.relname = p_refusal.table_name;

  select t.oid
  into v_type
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  where n.nspname = p_refusal.schema_name
    and t.typname = p_refusal.type_name;

  if exists (
    select
    from pg_catalog.pg_constraint
    where conname = p_refusal.constraint_name
      and (conrelid = v_table or contypid = v_type)
  ) or exists (
    select
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    where i.indrelid = v_table
      and c.relname = p_refusal.constraint_name
  ) then
    return format('constraint %I of %s', p_refusal.constraint_name, coalesce(v_table::regclass::text, v_type::regtype::text));
  elsif exists (
    select
    from pg_catalog.pg_attribute
    where attrelid = v_table
      and attname = p_refusal.column_name
  ) then
    return format('column %I of %s', p_refusal.column_name, v_table::regclass);
  end if;
  return coalesce('table ' || v_table::regclass, 'type ' || v_type::regtype);
end;
$$;

revoke execute on function clerk_sync.refusing_object(clerk_sync.refusal)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.refusing_object(clerk_sync.refusal) is
  'The constraint, column, table or type that an error names, as "constraint users_email_key of public.users"; null for '
  'none. What is not in the catalogue is none: an error that is raised may name any text, a value too.';

create function clerk_sync.functions_in(
  p_context text
)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(known.name order by line.position), '{}')
  from regexp_split_to_table(p_context, '\n') with ordinality line (told, position)
  cross join lateral regexp_match(line.told, '^(?:PL/\S+|SQL) function "?([^"(]*)') m (told)
  -- A function that its own search_path finds is told without a schema.
  cross join lateral (
    select case when count(distinct n.nspname) = 1 then min(format('%I.%I', n.nspname, p.proname)) else '' end as name
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where p.proname = regexp_replace(m.told[1], '^.*\.', '')
      and m.told[1] in (format('%I.%I', n.nspname, p.proname), format('%I', p.proname))
  ) known
  where m.told is not null;
$$;

revoke execute on function clerk_sync.functions_in(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.functions_in(text) is
  'The functions that an error passed through, the innermost first, with their schemas; empty for one that the catalogue '
  'does not have, or has in two schemas. No other text is returned: a context quotes statements, and these values.';
