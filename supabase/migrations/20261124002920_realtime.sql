-- Realtime shows a signed-in user's page what changes, by the policies of the tables. Off until somebody wants it.

create function public.sync_enable_realtime()
returns void
language plpgsql
volatile
security definer -- the tables are the owner's
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table text;
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    raise exception 'there is no publication supabase_realtime'
      using errcode = 'object_not_in_prerequisite_state',
            hint = 'create publication supabase_realtime; or enable Realtime in the Dashboard.';
  end if;

  for v_table in
    select format('%I.%I', t.schema_name, t.table_name)
    from (values ('public'::text, 'users'::text), ('public', 'organization_members')) t (schema_name, table_name)
    where not exists (
      select
      from pg_catalog.pg_publication_tables p
      where p.pubname = 'supabase_realtime'
        and p.schemaname = t.schema_name
        and p.tablename = t.table_name
    )
  loop
    execute format('alter publication supabase_realtime add table %s', v_table);
  end loop;
end;
$$;

revoke execute on function public.sync_enable_realtime()
  from public, anon, authenticated;
grant execute on function public.sync_enable_realtime()
  to service_role;

comment on function public.sync_enable_realtime() is
  'Puts users and organization_members into the publication supabase_realtime, where they are not in it yet. Out again: alter '
  'publication supabase_realtime drop table …. Safe to repeat. Raises 55000 without that publication. For service_role only.';
