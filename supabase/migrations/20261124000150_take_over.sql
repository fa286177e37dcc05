-- A project that has the sync's tables already keeps them, with their rows, keys and columns of its own: each file that makes a
-- table makes it beside the one that is there, which is then given what it lacks. Where there is none, it is the table.

create function clerk_sync.take_over(
  p_table regclass,
  p_schema text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name constant name := (select relname from pg_class where oid = p_table);
  v_there constant regclass := to_regclass(format('%I.%I', p_schema, v_name));
  v_row record;
  v_same text;
begin
  if v_there is null then
    execute format('alter table %s set schema %I', p_table, p_schema);
    return;
  end if;

  -- Columns. A default and a type of its own that the sync can live with stay.
  for v_row in
    select
      ours.attname as name,
      format_type(ours.atttypid, ours.atttypmod) as type,
      format_type(theirs.atttypid, theirs.atttypmod) as their_type,
      pg_get_expr(d.adbin, d.adrelid) as standard,
      theirs.atthasdef as has_default,
      ours.attnotnull as is_needed,
      theirs.attnotnull as is_there
    from pg_attribute ours
    left join pg_attrdef d on d.adrelid = ours.attrelid and d.adnum = ours.attnum
    left join pg_attribute theirs on theirs.attrelid = v_there and theirs.attname = ours.attname and not theirs.attisdropped
    where ours.attrelid = p_table
      and ours.attnum > 0
      and not ours.attisdropped
    order by ours.attnum
  loop
    if v_row.their_type is null then
      execute format(
        'alter table %s add column %I %s%s%s', v_there, v_row.name, v_row.type, ' default ' || v_row.standard,
        case when v_row.is_needed then ' not null' end
      );
      continue;
    end if;
    if v_row.their_type like 'timestamp%without time zone' then
      -- What wrote it was the database, whose time zone is UTC on Supabase, or a program that says UTC.
      execute format(
        'alter table %s alter column %I drop default, alter column %2$I type timestamptz using %2$I at time zone ''UTC''',
        v_there, v_row.name
      );
      v_row.has_default := false;
    end if;
    if v_row.standard is not null and v_row.has_default is not true then
      execute format('alter table %s alter column %I set default %s', v_there, v_row.name, v_row.standard);
    end if;
    if v_row.is_needed and not v_row.is_there then
      execute format('alter table %s alter column %I set not null', v_there, v_row.name);
    end if;
  end loop;

  -- Constraints: one that says the same takes our name, whatever a foreign key of theirs does on delete.
  for v_row in
    select o.conname as name, o.contype as kind, pg_get_constraintdef(o.oid) as definition
    from pg_constraint o
    where o.conrelid = p_table
      and o.contype in ('p', 'u', 'c', 'f')
    order by position(o.contype::text in 'pucf'), o.conname
  loop
    select o.conname
    into v_same
    from pg_constraint o
    where o.conrelid = v_there
      and o.contype = v_row.kind
      and case v_row.kind
        when 'f' then regexp_replace(pg_get_constraintdef(o.oid), ' (ON|NOT|DEFERRABLE|MATCH) .*$', '') = v_row.definition
        else pg_get_constraintdef(o.oid) = v_row.definition
      end
    order by o.conname <> v_row.name
    limit 1;
    if v_same = v_row.name then
      continue;
    elsif exists (
      select
      from pg_constraint
      where conrelid = v_there
        and conname = v_row.name
    ) then
      execute format('alter table %s rename constraint %I to %I', v_there, v_row.name, v_row.name || '_before');
    end if;
    if v_same is not null then
      execute format('alter table %s rename constraint %I to %I', v_there, v_same, v_row.name);
    else
      execute format('alter table %s add constraint %I %s', v_there, v_row.name, v_row.definition);
    end if;
  end loop;

  execute format('alter table %s set (fillfactor = 90)', v_there);
  execute format('drop table %s', p_table);
end;
$$;

revoke execute on function clerk_sync.take_over(regclass, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.take_over(regclass, text) is
  'Makes a new, empty table of clerk_sync the one of its name in another schema, or gives the one that is there what it lacks: '
  'columns, defaults, timestamptz for timestamp, not null, constraints under our names. Deletes and rewrites nothing.';

create function clerk_sync.drop_needless_unique(
  p_table regclass,
  p_columns name[]
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row record;
begin
  for v_row in
    select i.indexrelid::regclass as index, o.conname as constraint
    from pg_index i
    left join pg_constraint o on o.conindid = i.indexrelid and o.contype = 'u'
    where i.indrelid = p_table
      and i.indisunique
      and not i.indisprimary
      and i.indpred is null
      and i.indexprs is null
      and i.indnatts = cardinality(p_columns)
      and array(
        select a.attname
        from pg_attribute a
        where a.attrelid = i.indrelid
          and a.attnum = any (i.indkey)
        order by a.attname
      ) = array(select unnest(p_columns) order by 1)
      and not exists (
        select
        from pg_constraint f
        where f.contype = 'f'
          and f.conindid = i.indexrelid
      )
  loop
    if v_row.constraint is not null then
      execute format('alter table %s drop constraint %I', p_table, v_row.constraint);
    else
      execute format('drop index %s', v_row.index);
    end if;
  end loop;
end;
$$;

revoke execute on function clerk_sync.drop_needless_unique(regclass, name[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.drop_needless_unique(regclass, name[]) is
  'Drops what makes these columns unique beside what the sync makes for it, unless a foreign key refers to it.';
