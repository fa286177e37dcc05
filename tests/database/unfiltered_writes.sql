-- The Data API's role may not update or delete without a condition, inside a function neither: Supabase loads safeupdate for it.
-- PostgreSQL without that module lets everything through, so every function is read here, as text: its statements, those in its
-- strings (which it may execute) and those in a body that is no string. What can't be told is taken for unfiltered.
begin;
set local search_path = public, extensions;

-- Words, quoted names, strings and what holds them together, without comments.
create function pg_temp.tokens(p_source text)
returns text[]
language sql
as $$
  select coalesce(array_agg(token[1] order by position) filter (where token[1] !~ '^(--|/\*)'), '{}')
  from regexp_matches(
    p_source,
    $re$(--[^\n]*|/\*(?:[^*]|\*+[^*/])*\*+/|e'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|[a-z_][\w$]*|[().;])$re$,
    'gi'
  ) with ordinality found (token, position);
$$;

create function pg_temp.unfiltered_writes(p_source text)
returns setof text
language plpgsql
as $$
declare
  v_tokens constant text[] := pg_temp.tokens(p_source);
  v_word text;
  v_next text;
  v_token text;
  v_depth integer;
  v_is_write boolean;
  v_is_filtered boolean;
begin
  for i in 1 .. cardinality(v_tokens) loop
    if v_tokens[i] ~* '^e?''' then
      return query
      select * from pg_temp.unfiltered_writes(replace(regexp_replace(v_tokens[i], '^e?''|''$', '', 'gi'), '''''', ''''));
      continue;
    end if;

    -- `update set` is part of an insert or a merge; the words before belong to locks, triggers and foreign keys.
    v_word := lower(v_tokens[i]);
    v_next := lower(coalesce(v_tokens[i + 1], ''));
    continue when not (
      v_word = 'delete' and v_next = 'from'
      or v_word = 'update'
        and v_next <> 'set'
        and lower(coalesce(v_tokens[i - 1], '')) not in ('for', 'key', 'on', 'or', 'before', 'after', '.')
    );

    v_depth := 0;
    v_is_write := v_word = 'delete';
    v_is_filtered := false;
    foreach v_token in array v_tokens[i + 1 :] loop
      v_depth := v_depth + case v_token when '(' then 1 when ')' then -1 else 0 end;
      exit when v_depth < 0 or v_depth = 0 and lower(v_token) in (';', 'loop');
      v_is_write := v_is_write or v_depth = 0 and lower(v_token) = 'set';
      v_is_filtered := v_is_filtered or v_depth = 0 and lower(v_token) = 'where';
    end loop;
    if v_is_write and not v_is_filtered then
      return next array_to_string(v_tokens[i : i + 4], ' ');
    end if;
  end loop;
end;
$$;

create temporary table cases (source text primary key, expected integer not null);
insert into cases
values
  ('select 1', 0),
  ('update t set a = 1', 1),
  ('update t set a = 1 where b', 0),
  ('UPDATE only "t" SET a = 1', 1),
  ('delete from t', 1),
  ('delete from t where true', 0),
  ('begin delete from t; delete from u where a; end', 1),
  ('begin if a then update t set a = 1; end if; select from u where b; end', 1),
  ('update t set a = (select b from u where c)', 1),
  ('update t set a = u.a from u where t.b = u.b', 0),
  ('delete from t using u', 1),
  ('delete from t using u where t.a = u.a', 0),
  ('with gone as (delete from t returning a) select a from gone where a > 1', 1),
  ('with gone as (delete from t where b returning a) update u set a = 1', 1),
  ('with gone as materialized (delete from t where b returning a) update u set a = 1 where c', 0),
  ('for r in delete from t returning a loop select from u where b; end loop', 1),
  ('return query update t set a = 1 returning a', 1),
  ('update t set a = 1 -- where b', 1),
  ('update t set a = 1 /* where b * c */', 1),
  ('update t /* ; */ set a = 1 where b', 0),
  ('update t set a = '' where ''', 1),
  ('update t set a = ''it''''s'' where b', 0),
  ('update t set a = e''\'' where ''', 1),
  ('update t set "where" = 1', 1),
  ('-- delete from t', 0),
  ('select '' delete from it ''', 1),
  ('execute ''delete from t where a = $1'' using b', 0),
  ('execute format(''update %I set a = 1'', t)', 1),
  ('execute ''delete from '' || t || '' where b''', 1),
  ('execute $q$ delete from t $q$', 1),
  ('select from t for update skip locked', 0),
  ('select from t for no key update of t', 0),
  ('insert into t values (1) on conflict (a) do update set a = excluded.a', 0),
  ('merge into t using u on t.a = u.a when matched then update set a = 1 when not matched by source then delete', 0),
  ('create table u (a int references t on delete cascade on update cascade)', 0),
  ('create trigger x before insert or update on t for each row execute function f()', 0),
  ('if new.update is null then return old; end if', 0),
  ('select ''{select,insert,update,delete,truncate}''::text[]', 0);

create function pg_temp.atomic()
returns void
language sql
begin atomic
  delete from cases;
end;

select plan((select count(*)::integer from cases) + 2);

select is(
  (select count(*)::integer from pg_temp.unfiltered_writes(source)),
  expected,
  format('%s: %s', case expected when 0 then 'fine' else 'refused' end, source)
)
from cases;

select is(
  (select count(*)::integer from pg_temp.unfiltered_writes(pg_get_functiondef('pg_temp.atomic()'::regprocedure))),
  1,
  'a body that is no string is read too'
);

select is_empty(
  $$
  select p.oid::regprocedure, written
  from pg_proc p
  cross join lateral pg_temp.unfiltered_writes(coalesce(nullif(p.prosrc, ''), pg_get_functiondef(p.oid))) written
  where p.pronamespace in ('public'::regnamespace, 'clerk_sync'::regnamespace)
    and p.prokind in ('f', 'p')
    and not exists (
      select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
  $$,
  'no function updates or deletes without a condition'
);

select * from finish();
rollback;
