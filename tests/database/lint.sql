-- What `supabase db lint` says of our functions: nothing. It asks plpgsql_check, which PostgreSQL from npm does not have; the kind
-- of fault that it found is therefore looked for in their text as well.
begin;
set local search_path = public, extensions;
select plan(3);

create temporary view our_functions as
select p.oid, p.prosrc, p.prorettype
from pg_proc p
join pg_language l on l.oid = p.prolang
where l.lanname = 'plpgsql'
  and p.pronamespace in ('public'::regnamespace, 'clerk_sync'::regnamespace)
  and not exists (
    select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
  );

-- Unwritten, such a cast goes through the text of the value, at every call.
select is_empty(
  $$
  select f.oid::regprocedure, returned[1]
  from our_functions f
  join pg_type t on t.oid = f.prorettype
  cross join lateral regexp_matches(f.prosrc, '\mreturn\s[^;]*;', 'g') returned
  where t.typtype = 'e'
    and returned[1] like '%''%'
    and returned[1] not like '%::%'
    and returned[1] !~ '^return (clerk_sync|public)\.\w+\(' -- words that another function is told
  $$,
  'what a function returns as a word of an enum is cast to it'
);
select is_empty(
  $$
  select f.oid::regprocedure, begins
  from our_functions f
  cross join lateral regexp_matches(f.prosrc, '\m[cv]_\w+\s+(?:constant\s+)?([\w.]+(?:\[\])?)\s*:=([^;]*);', 'g') begins
  where begins[1] not in ('text', 'varchar')
    and begins[2] ~ '^\s*(''|case\M.*\mthen\s*'')'
    and begins[2] not like '%::%'
  $$,
  'so is what a variable begins with, whatever its type, but for text'
);

do $$
begin
  create extension if not exists plpgsql_check with schema extensions;
exception
  when feature_not_supported or undefined_file or insufficient_privilege then
    null;
end;
$$;

create function pg_temp.complaints()
returns setof text
language plpgsql
as $$
begin
  return query execute
    'select format(''%s: %s %s'', f.oid::regprocedure, c.message, c.detail)
    from our_functions f
    cross join lateral plpgsql_check_function_tb(f.oid) c
    where c.level in (''error'', ''warning'')
      and f.prorettype <> ''trigger''::regtype';
end;
$$;

select case
  when not exists (select from pg_extension where extname = 'plpgsql_check') then skip('plpgsql_check can''t be had here')
  else is_empty('select * from pg_temp.complaints()', 'plpgsql_check has no complaint')
end;

select * from finish();
rollback;
