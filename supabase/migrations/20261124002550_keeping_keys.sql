-- Foreign keys of the app that keep rows which the sync deletes: memberships that ended, sign-ins that are purged.

create function clerk_sync.keeping_keys()
returns table (
  constraint_name text,
  table_name text,
  referenced_table text,
  matches text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    c.conname::text,
    format('%I.%I', n.nspname, r.relname),
    format('public.%I', k.relname),
    string_agg(format('referring.%I = kept.%I', a.attname, b.attname), ' and ' order by pair.place)
  from pg_catalog.pg_constraint c
  join pg_catalog.pg_class r on r.oid = c.conrelid
  join pg_catalog.pg_namespace n on n.oid = r.relnamespace
  join pg_catalog.pg_class k on k.oid = c.confrelid
  cross join lateral unnest(c.conkey, c.confkey) with ordinality pair (referring, kept, place)
  join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = pair.referring
  join pg_catalog.pg_attribute b on b.attrelid = c.confrelid and b.attnum = pair.kept
  where c.contype = 'f'
    and c.conparentid = 0
    and c.confrelid in ('public.organization_members'::regclass, 'public.user_sessions'::regclass)
  group by c.oid, c.conname, c.confdeltype, n.nspname, r.relname, k.relname
  -- No action and restrict; and set null where a column can't be null.
  having c.confdeltype in ('a', 'r')
    or c.confdeltype = 'n' and bool_or(a.attnotnull)
  order by 2, 1;
$$;

revoke execute on function clerk_sync.keeping_keys()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.keeping_keys() is
  'The foreign keys that refuse the deletion of a member or a sign-in: constraint, table, table referred to, and by which '
  'columns a row of it is referred to, as a condition on referring and kept.';

create function public.sync_describe_keeping_keys()
returns table (
  constraint_name text,
  table_name text,
  referenced_table text
)
language sql
stable
security definer -- uses clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
  select constraint_name, table_name, referenced_table
  from clerk_sync.keeping_keys();
$$;

revoke execute on function public.sync_describe_keeping_keys()
  from public, anon, authenticated;
grant execute on function public.sync_describe_keeping_keys()
  to service_role;

comment on function public.sync_describe_keeping_keys() is
  'Foreign keys of the app''s that keep what the sync deletes: a member who left stays as an inactive row, a sign-in is not '
  'purged. For service_role only.';
