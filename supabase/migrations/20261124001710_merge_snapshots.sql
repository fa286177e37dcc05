-- How a snapshot becomes a row. Its parameters are the columns of its table, so that a further kind needs no code here: only a
-- table, with a unique external_id, and its name in the list.

create function clerk_sync.snapshot_table(
  p_kind text
)
returns regclass
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  case p_kind
    when 'subscription' then return 'public.subscriptions'::regclass;
    when 'invitation' then return 'public.organization_invitations'::regclass;
  end case;
end;
$$;

revoke execute on function clerk_sync.snapshot_table(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.snapshot_table(text) is 'Where the rows of a kind are. Raises 20000 for another kind.';

create function clerk_sync.stored_snapshot(
  p_kind text,
  p_external_id text
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row jsonb;
begin
  execute format('select to_jsonb(t) from %s t where external_id = $1', clerk_sync.snapshot_table(p_kind))
  into v_row
  using p_external_id;
  return v_row;
end;
$$;

revoke execute on function clerk_sync.stored_snapshot(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.stored_snapshot(text, text) is
  'The row that is here, by column; null: none. Raises 20000 for another kind.';

create function clerk_sync.told_snapshot(
  p_element jsonb
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(substr(key, 3), value) || case
    when p_element ? 'p_clerk_role'
    then jsonb_build_object('role', clerk_sync.member_role(p_element ->> 'p_clerk_role', false))
    else '{}'
  end
  from jsonb_each(p_element)
  where key <> 'p_event_at'
    and (value <> 'null' or key !~ '(_id|created_at|updated_at)$');
$$;

revoke execute on function clerk_sync.told_snapshot(jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.told_snapshot(jsonb) is
  'What an element of a page says, by column. Ids and the times of the object never change, and not every source tells them: '
  'null is left out.';

create function clerk_sync.write_snapshot(
  p_kind text,
  p_external_id text,
  p_row jsonb
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table constant regclass := clerk_sync.snapshot_table(p_kind);
  v_columns constant text := (select string_agg(format('%I', key), ', ') from jsonb_object_keys(p_row) key);
  v_rows bigint;
begin
  execute format(
    'update %s t set (%s) = (select %2$s from jsonb_populate_record(t, $1)) where external_id = $2', v_table, v_columns
  )
  using p_row, p_external_id;
  get diagnostics v_rows = row_count;

  if v_rows = 0 then
    execute format('insert into %s (%s) select %2$s from jsonb_populate_record(null::%1$s, $1)', v_table, v_columns)
    using p_row;
  end if;
end;
$$;

revoke execute on function clerk_sync.write_snapshot(text, text, jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.write_snapshot(text, text, jsonb) is
  'Writes columns of the row of a subscription item or an invitation, which is made where there is none. Not insert on conflict: '
  'an app''s trigger before insert would run at every update.';

create function clerk_sync.merge_snapshots(
  p_kind text,
  p_page jsonb,
  p_event_at timestamptz,
  p_event_id text
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_element record;
  v_version clerk_sync.version;
  v_is_newer boolean;
  v_stored jsonb;
  v_row jsonb;
  v_applied integer := 0;
begin
  for v_element in
    select
      told, told ->> 'external_id' as external_id,
      coalesce((e ->> 'p_event_at')::timestamptz, p_event_at) as event_at
    from jsonb_array_elements(p_page) e
    cross join lateral clerk_sync.told_snapshot(e) told
    -- In one order, for each waits at the register.
    order by (told ->> 'external_id') collate "C", (told ->> 'updated_at')::timestamptz desc
  loop
    v_version := row(
      case when p_kind = 'invitation' and v_element.told ->> 'status' <> 'pending' then 4 else 3 end,
      coalesce((v_element.told ->> 'updated_at')::timestamptz, v_element.event_at), v_element.event_at, p_event_id
    );
    insert into clerk_sync.snapshot_register as known (external_id, version)
    values (v_element.external_id, v_version)
    on conflict (external_id) do update
    set version = excluded.version
    where known.version < excluded.version;
    v_is_newer := found;

    v_stored := clerk_sync.stored_snapshot(p_kind, v_element.external_id);
    if v_stored is null and not v_is_newer then
      -- The row is gone, whatever the register says: what comes next is the newest of what is here.
      update clerk_sync.snapshot_register
      set version = v_version
      where external_id = v_element.external_id;
    end if;

    v_row := case
      when v_stored is null
      then jsonb_build_object('created_at', v_element.event_at, 'updated_at', v_element.event_at) || v_element.told
      when v_is_newer
      then jsonb_build_object('updated_at', v_element.event_at) || v_element.told
      -- An older one may still tell an id that the newer ones left out.
      else (
        select jsonb_object_agg(key, value)
        from jsonb_each(v_element.told)
        where key ~ '_id$'
          and v_stored -> key = 'null'
      )
    end;
    continue when v_row is null;

    -- What an erasure has emptied stays so.
    if p_kind = 'invitation' and (
      v_stored ->> 'email' = ''
      or exists (
        select
        from clerk_sync.user_register
        where external_id = v_element.told ->> 'user_external_id'
          and erased_at is not null
      )
    ) then
      v_row := v_row || '{"email": ""}';
    end if;
    perform clerk_sync.write_snapshot(p_kind, v_element.external_id, v_row);
    v_applied := v_applied + 1;
  end loop;
  return v_applied;
end;
$$;

revoke execute on function clerk_sync.merge_snapshots(text, jsonb, timestamptz, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_snapshots(text, jsonb, timestamptz, text) is
  'Rule 1. Merges snapshots of one kind, and returns of how many anything was new or had no row. Of an object that is named '
  'twice the newest counts. The caller holds the locks of the users that are named, and of the organizations that are or were.';
