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

create function clerk_sync.tell_change(
  p_subject text,
  p_row jsonb,
  p_was_there boolean,
  p_is_there boolean,
  p_columns text[]
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row_id constant uuid := p_row ->> 'id';
  -- Of a key that is there twice the last one counts.
  v_message jsonb := jsonb_strip_nulls(jsonb_build_object(
    'kind', p_subject || case
      when p_was_there and p_is_there then '.changed'
      when p_is_there then case p_subject when 'member' then '.joined' else '.appeared' end
      else case p_subject when 'member' then '.left' else '.deleted' end
    end,
    'columns', p_columns,
    'source', clerk_sync.source(),
    'at', now(),
    'user_id', p_row -> 'user_id',
    'user_external_id', p_row -> 'user_external_id',
    'organization_id', p_row -> 'organization_id',
    'organization_external_id', p_row -> 'organization_external_id',
    p_subject || '_id', v_row_id,
    p_subject || '_external_id', p_row -> 'external_id'
  ));
  v_sent text := current_setting('clerk_sync.sent', true);
  v_former_id constant bigint := nullif(split_part(split_part(v_sent, v_row_id || '=', 2), ' ', 1), '');
begin
  if p_subject = 'member' then
    v_message := v_message || (
      select jsonb_build_object('user_external_id', u.external_id, 'organization_external_id', o.external_id)
      from public.users u
      cross join public.organizations o
      where u.id = (p_row ->> 'user_id')::uuid
        and o.id = (p_row ->> 'organization_id')::uuid
    );
  end if;

  if v_former_id is null or not clerk_sync.fold_message(v_former_id, v_message) then
    v_sent := set_config('clerk_sync.sent', concat(v_row_id, '=', clerk_sync.enqueue(v_message), ' ', v_sent), true);
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
$$;

revoke execute on function clerk_sync.tell_change(text, jsonb, boolean, boolean, text[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.tell_change(text, jsonb, boolean, boolean, text[]) is
  'Sends one message of a row: what it is, the row, whether it was there for the app before and is there now, and which '
  'columns changed. It names the ids of the row, and of the user and the organization that it is of. Where the queue does not '
  'take it, it is kept in unsent_messages: no event fails for it.';

create function clerk_sync.queue_change()
returns trigger
language plpgsql
volatile
security definer -- writes the queue, whoever changes the row
set search_path = pg_catalog, pg_temp
as $$
declare
  v_subject constant text := tg_argv[0];
  v_old constant jsonb := to_jsonb(old);
  v_new constant jsonb := to_jsonb(new);
  v_was_there boolean := v_old is not null and v_old ->> 'deleted_at' is null
    and (v_subject <> 'member' or v_old ->> 'status' = 'active');
  v_is_there boolean := v_new is not null and v_new ->> 'deleted_at' is null
    and (v_subject <> 'member' or v_new ->> 'status' = 'active');
  v_columns text[] := '{}'::text[];
  v_rank smallint;
begin
  if not (v_was_there or v_is_there)
    or coalesce(nullif(current_setting('clerk_sync.source', true), ''), 'hand') <> all (tg_argv[1]::text[]) then
    return null;
  end if;
  if v_was_there and v_is_there then
    v_columns := array(
      select key
      from jsonb_each(v_new)
      where value is distinct from v_old -> key
        and key <> 'updated_at' -- Clerk's changes with each sign-in
      order by key
    );
    if v_columns = '{}'::text[] then
      return null;
    end if;
  end if;
  -- Rule 5. The register, which is written before the row, tells a stub; of a row that it does not know the sync knows no more.
  if v_subject = 'user' then
    select (version).rank
    into v_rank
    from clerk_sync.user_register
    where external_id = v_new ->> 'external_id';
  elsif v_subject = 'organization' then
    select (version).rank
    into v_rank
    from clerk_sync.organization_register
    where external_id = v_new ->> 'external_id';
  end if;
  if v_rank in (1, 2) then
    return null;
  end if;

  perform clerk_sync.tell_change(v_subject, coalesce(v_new, v_old), v_was_there, v_is_there, v_columns);
  return null;
end;
$$;

revoke execute on function clerk_sync.queue_change()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.queue_change() is
  'Sends a message of a row that was changed: the arguments are what a row is called and the sources that are queued. None of a '
  'stub, of what is not there for the app before or after, and of a change of updated_at alone.';

create function clerk_sync.queue_appearance()
returns trigger
language plpgsql
volatile
security definer -- writes the queue, whoever changes the register
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row jsonb;
begin
  if clerk_sync.source() = any (tg_argv[1]::text[]) then
    execute format('select to_jsonb(r) from %s r where external_id = $1', tg_argv[2])
    into v_row
    using new.external_id;
    -- Without a row there was no stub either: then it appears with the row.
    if v_row is not null then
      perform clerk_sync.tell_change(tg_argv[0], v_row, false, true, '{}'::text[]);
    end if;
  end if;
  return null;
end;
$$;

revoke execute on function clerk_sync.queue_appearance()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.queue_appearance() is
  'Sends the message of a stub that gets its first snapshot: the row itself may not change by it. The arguments are what a row '
  'is called, the sources that are queued, and the table.';
