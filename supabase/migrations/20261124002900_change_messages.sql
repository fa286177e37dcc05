-- What an app does when something changed: a message for each change that it can see, in a queue of pgmq's, written in the
-- transaction of the change. Off, until sync_enable_change_queue makes the triggers; without them nothing here runs.
--
-- A transaction may write one row several times, and nobody sees what is between: its message is then made to say all of it.

alter table clerk_sync.settings add column queued_sources text[];

comment on column clerk_sync.settings.queued_sources is
  'The sources whose changes are queued; null: the queue is off.';

create table clerk_sync.unsent_messages (
  message_id bigint generated always as identity primary key,
  message jsonb not null,
  since timestamptz not null default clock_timestamp()
);

alter table clerk_sync.unsent_messages enable row level security;

comment on table clerk_sync.unsent_messages is
  'Messages that the queue did not take, because somebody dropped it or something of the app''s on it refused them. '
  'sync_enable_change_queue sends them.';
comment on column clerk_sync.unsent_messages.message_id is 'Their order.';
comment on column clerk_sync.unsent_messages.message is 'The message: ids and names of columns.';
comment on column clerk_sync.unsent_messages.since is 'When it was to be sent.';

create function clerk_sync.enqueue(
  p_message jsonb
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the change queue is off'
    using errcode = 'object_not_in_prerequisite_state';
end;
$$;

revoke execute on function clerk_sync.enqueue(jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.enqueue(jsonb) is
  'Puts a message into the queue and returns its id there. sync_enable_change_queue writes what is in it: pgmq need not be there '
  'before.';

create function clerk_sync.fold_message(
  p_message_id bigint,
  p_message jsonb
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_former jsonb;
  v_columns text[];
begin
  execute format('select message from %I.q_clerk_changes where msg_id = $1', 'pgmq')
  into v_former
  using p_message_id;

  if p_message ->> 'kind' like '%.changed' then
    -- Who has just come is not told to have changed.
    if v_former ->> 'kind' like '%.changed' then
      v_columns := array(
        select jsonb_array_elements_text(v_former -> 'columns')
        union
        select jsonb_array_elements_text(p_message -> 'columns')
        order by 1
      );
      execute format('update %I.q_clerk_changes set message = message || $2 where msg_id = $1', 'pgmq')
      using p_message_id, jsonb_build_object('columns', v_columns);
    end if;
    return true;
  elsif p_message ->> 'kind' ~ '\.(deleted|left)$' then
    execute format('delete from %I.q_clerk_changes where msg_id = $1', 'pgmq')
    using p_message_id;
    return v_former ->> 'kind' not like '%.changed';
  end if;
  return false;
end;
$$;

revoke execute on function clerk_sync.fold_message(bigint, jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.fold_message(bigint, jsonb) is
  'A further change of a row in one transaction: what was sent of it, and nobody has seen yet, is made to say both. Returns '
  'whether nothing is left to send.';

-- All in one function, for each call of another one costs what a tenth of this does.
create function clerk_sync.queue_change()
returns trigger
language plpgsql
volatile
security definer -- writes the queue, whoever changes the row
set search_path = pg_catalog, pg_temp
as $$
declare
  v_subject constant text := tg_argv[0];
  v_source constant text := coalesce(nullif(current_setting('clerk_sync.source', true), ''), 'hand');
  v_old constant jsonb := to_jsonb(old);
  v_new constant jsonb := to_jsonb(new);
  v_row jsonb := coalesce(v_new, v_old);
  v_was_there boolean := v_old is not null and v_old ->> 'deleted_at' is null
    and (v_subject <> 'member' or v_old ->> 'status' = 'active');
  v_is_there boolean := v_new is not null and v_new ->> 'deleted_at' is null
    and (v_subject <> 'member' or v_new ->> 'status' = 'active');
  v_columns text[] := '{}'::text[];
  v_rank smallint;
  v_message jsonb;
  v_sent text := current_setting('clerk_sync.sent', true);
  v_former_id bigint;
begin
  if not (v_was_there or v_is_there) or v_source <> all (tg_argv[1]::text[]) then
    return null;
  end if;

  -- Rule 5. The register, which is written before the row, tells a stub; of a row that it does not know the sync knows no more.
  if tg_nargs = 3 then
    -- It is the register: a stub gets its first snapshot. Where the stub's row is gone it appears with the row.
    execute format('select to_jsonb(r) from %s r where external_id = $1', tg_argv[2])
    into v_row
    using new.external_id;
    if v_row is null then
      return null;
    end if;
    v_was_there := false;
  elsif v_subject = 'user' then
    select (version).rank
    into v_rank
    from clerk_sync.user_register
    where external_id = v_row ->> 'external_id';
  elsif v_subject = 'organization' then
    select (version).rank
    into v_rank
    from clerk_sync.organization_register
    where external_id = v_row ->> 'external_id';
  end if;
  if v_rank in (1, 2) then
    return null;
  end if;

  if v_was_there and v_is_there then
    v_columns := array(
      select key
      from jsonb_each(v_new)
      where value is distinct from v_old -> key
        and key <> 'updated_at' -- Clerk's changes with each sign-in
    );
    if v_columns = '{}'::text[] then
      return null;
    end if;
  end if;

  v_message := jsonb_build_object(
    'kind', v_subject || case
      when v_was_there and v_is_there then '.changed'
      when v_is_there then case v_subject when 'member' then '.joined' else '.appeared' end
      else case v_subject when 'member' then '.left' else '.deleted' end
    end,
    'columns', v_columns,
    'source', v_source,
    'at', now(),
    v_subject || '_id', v_row -> 'id',
    v_subject || '_external_id', v_row -> 'external_id'
  );
  if v_subject = 'member' then
    v_message := v_message || (
      select jsonb_build_object(
        'user_id', u.id, 'user_external_id', u.external_id,
        'organization_id', o.id, 'organization_external_id', o.external_id
      )
      from public.users u
      cross join public.organizations o
      where u.id = (v_row ->> 'user_id')::uuid
        and o.id = (v_row ->> 'organization_id')::uuid
    );
  elsif v_subject not in ('user', 'organization') then
    v_message := v_message || jsonb_build_object(
      'user_external_id', v_row -> 'user_external_id', 'organization_external_id', v_row -> 'organization_external_id'
    );
  end if;

  begin
    v_former_id := nullif(split_part(split_part(v_sent, v_row ->> 'id' || '=', 2), ' ', 1), '');
    if v_former_id is null or not clerk_sync.fold_message(v_former_id, v_message) then
      v_sent := set_config('clerk_sync.sent', concat(v_row ->> 'id', '=', clerk_sync.enqueue(v_message), ' ', v_sent), true);
    end if;
  exception
    -- The queue was dropped, or something of the app's hangs on it. Not what a later try may win.
    when integrity_constraint_violation or data_exception or plpgsql_error or syntax_error_or_access_rule_violation
      or invalid_schema_name or cardinality_violation or triggered_action_exception or triggered_data_change_violation
      or feature_not_supported
    then
      insert into clerk_sync.unsent_messages (message)
      values (v_message);
  end;
  return null;
end;
$$;

revoke execute on function clerk_sync.queue_change()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.queue_change() is
  'Sends a message of a row that was changed, or of a stub that gets its first snapshot. The arguments: what the row is, the '
  'sources that are queued, and for the trigger on a register the table. No message of what is not there for the app before or '
  'after (a stub, a deleted row, an inactive member), nor of a change of updated_at alone. One that the queue does not take is '
  'kept in unsent_messages: no event fails for it.';
