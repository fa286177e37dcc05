-- Takes clerk-supabase-sync out: its functions, policies, triggers, types, private schema and cron job.
-- The tables stay, with every row and with row level security on: nobody but their owner and service_role reads them until
-- policies of yours say otherwise. service_role may write them again. public_user_data stays, and follows users no more.

-- Nothing is begun that can't be finished: what of yours uses the sync is told at once, before the first change.
do $check$
declare
  c_functions constant text[] := :functions;
  c_own constant text[] := :own;
  v_using text[];
begin
  with ours as (
    select 'pg_catalog.pg_proc'::regclass as class, p.oid
    from pg_catalog.pg_proc p
    where p.pronamespace = to_regnamespace('clerk_sync')
      or p.pronamespace = 'public'::regnamespace
      and p.proname = any (c_functions)
      -- A function of yours may have the name, and other parameters.
      and p.proconfig @> array['search_path=pg_catalog, pg_temp']
    union all
    select 'pg_catalog.pg_type'::regclass, t.oid
    from pg_catalog.pg_type t
    where t.typnamespace = to_regnamespace('clerk_sync')
    union all
    select 'pg_catalog.pg_class'::regclass, c.oid
    from pg_catalog.pg_class c
    where c.relnamespace = to_regnamespace('clerk_sync')
  ),
  theirs as (
    select
      case when i.identity like '"_RETURN" on %' then 'view' else i.type end as type,
      replace(i.identity, '"_RETURN" on ', '') as identity
    from ours o
    join pg_catalog.pg_depend d on d.refclassid = o.class and d.refobjid = o.oid and d.deptype in ('n', 'a')
    cross join lateral pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) i
    where not exists (
      select
      from ours
      where class = d.classid
        and oid = d.objid
    )
      and i.identity !~ '^(.* )?((on|for) )?clerk_sync\.'
      and not i.identity = any (c_own)
      -- The change queue's go with their function.
      and i.identity not like 'change_is_queued on %'
      -- A view is named as a whole.
      and i.type not in ('view column', 'materialized view column')
    union
    -- Of a body that is text the catalogue knows nothing.
    select 'function', p.oid::regprocedure::text
    from pg_catalog.pg_proc p
    join pg_catalog.pg_language l on l.oid = p.prolang and l.lanname in ('plpgsql', 'sql')
    where p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      and not exists (
        select
        from ours
        where class = 'pg_catalog.pg_proc'::regclass
          and oid = p.oid
      )
      and p.prosrc ~ format('(^|[^.\w])(clerk_sync\.|(public\.)?(%s)\s*\()', array_to_string(c_functions, '|'))
  )
  select array_agg(format('%s %s', type, identity) order by type, identity)
  into v_using
  from theirs;

  if v_using is not null then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = format(
        E'The sync can''t be taken out yet, and nothing was changed. %s of yours use it. Drop them, or let them do without:'
        '\n\n%s\n\nThen run the same again.',
        cardinality(v_using), array_to_string(v_using, E'\n')
      );
  end if;
end;
$check$;

:drops

do $remove$
declare
  v_row record;
begin
  for v_row in
    select p.oid::regprocedure as function
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and p.proname::text = any (:functions::text[])
      and p.proconfig @> array['search_path=pg_catalog, pg_temp']
  loop
    execute format('drop function %s', v_row.function);
  end loop;
  if to_regclass('cron.job') is not null then
    execute 'select cron.unschedule(jobid) from cron.job where jobname = ''clerk-sync-purge''';
  end if;
exception
  when insufficient_privilege or invalid_schema_name or undefined_function or undefined_table or undefined_column then
    raise notice 'The cron job clerk-sync-purge could not be looked for: %', sqlerrm;
end;
$remove$;

drop schema if exists clerk_sync cascade;

-- Types of which a column of yours may be: those stay.
do $types$
declare
  v_type text;
begin
  foreach v_type in array :types::text[] loop
    begin
      execute format('drop type if exists public.%I', v_type);
    exception
      when dependent_objects_still_exist then
        raise notice 'The type public.% stays, for something of yours is of it.', v_type;
    end;
  end loop;
end;
$types$;

-- What refers to public_user_data would refuse a member whom nothing enters there any more.
alter table if exists public.organization_members drop constraint if exists organization_members_user_is_shared;

do $grants$
declare
  v_table text;
begin
  foreach v_table in array :tables::text[] loop
    if to_regclass(format('public.%I', v_table)) is not null then
      execute format('alter table public.%I enable row level security', v_table);
      execute format('grant select, insert, update, delete on table public.%I to service_role', v_table);
    end if;
  end loop;
end;
$grants$;
