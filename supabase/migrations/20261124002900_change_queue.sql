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

create function clerk_sync.queued_tables()
returns table (
  table_name text,
  subject text,
  register text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('public.users', 'user', 'clerk_sync.user_register'),
    ('public.organizations', 'organization', 'clerk_sync.organization_register'),
    ('public.organization_members', 'member', null);
$$;

revoke execute on function clerk_sync.queued_tables()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.queued_tables() is
  'The tables whose changes are queued, what a row of each is called, and the register that tells a stub from a snapshot.';

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

create function public.sync_enable_change_queue(
  p_sources text[] default '{webhook,sync}'
)
returns integer
language plpgsql
volatile
security definer -- the triggers are on tables of the owner's
set search_path = pg_catalog, pg_temp
as $$
declare
  c_sources constant text[] := '{webhook,sync,backfill,drift,hand}';
  v_row record;
  v_sent integer;
begin
  if p_sources is null or p_sources = '{}' or not p_sources <@ c_sources then
    raise exception 'p_sources names some of %', array_to_string(c_sources, ', ')
      using errcode = 'invalid_parameter_value';
  elsif to_regprocedure('pgmq.create(text)') is null then
    raise exception 'pgmq is not installed'
      using errcode = 'feature_not_supported',
            hint = 'Enable it: Dashboard, Integrations, Queues; or create extension pgmq;';
  end if;
  -- No event is under way while triggers are made.
  perform pg_advisory_xact_lock(hashtextextended('everything:', 0));

  if to_regclass('pgmq.q_clerk_changes') is null then
    execute format('select %I.create($1)', 'pgmq') using 'clerk_changes';
  end if;
  -- What pgmq.send does, in a fifth of the time.
  execute $queue$
    create or replace function clerk_sync.enqueue(
      p_message jsonb
    )
    returns bigint
    language plpgsql
    volatile
    set search_path = pg_catalog, pg_temp
    as $enqueue$
    declare
      v_message_id bigint;
    begin
      insert into pgmq.q_clerk_changes (vt, message)
      values (clock_timestamp(), p_message)
      returning msg_id
      into v_message_id;
      return v_message_id;
    end;
    $enqueue$;
    alter table pgmq.q_clerk_changes enable row level security;
    alter table pgmq.a_clerk_changes enable row level security;
    revoke all on pgmq.q_clerk_changes, pgmq.a_clerk_changes from public, anon, authenticated;
    grant select, update, delete on pgmq.q_clerk_changes to service_role;
    grant select, insert on pgmq.a_clerk_changes to service_role;
  $queue$;
  if not has_schema_privilege('service_role', 'pgmq', 'usage') then
    execute 'grant usage on schema pgmq to service_role';
  end if;

  for v_row in
    select *
    from clerk_sync.queued_tables()
  loop
    execute format(
      'create or replace trigger change_is_queued after insert or update or delete on %s
         for each row execute function clerk_sync.queue_change(%L, %L)',
      v_row.table_name, v_row.subject, p_sources
    );
    if v_row.register is not null then
      execute format(
        'create or replace trigger appearance_is_queued after update on %s
           for each row when ((old.version).rank in (1, 2) and (new.version).rank >= 3 and new.deleted_at is null)
           execute function clerk_sync.queue_appearance(%L, %L, %L)',
        v_row.register, v_row.subject, p_sources, v_row.table_name
      );
    end if;
  end loop;
  update clerk_sync.settings
  set queued_sources = p_sources
  where is_set;

  execute format(
    $unsent$
    with unsent as (
      delete from clerk_sync.unsent_messages
      where message_id > 0
      returning message_id, message
    )
    select count(*)
    from (select message from unsent order by message_id) u
    cross join lateral %I.send($1, u.message)
    $unsent$,
    'pgmq'
  )
  into v_sent
  using 'clerk_changes';
  return v_sent;
end;
$$;

revoke execute on function public.sync_enable_change_queue(text[])
  from public, anon, authenticated;
grant execute on function public.sync_enable_change_queue(text[])
  to service_role;

comment on function public.sync_enable_change_queue(text[]) is
  'From now on a message says what changed for the app, in the queue clerk_changes of pgmq, where the change has one of these '
  'sources: webhook, sync (the function sync-from-clerk), backfill, drift (its repair), hand. Makes the queue where there is '
  'none, for service_role alone, and returns how many messages it now took that it had not taken before. Safe to repeat, also '
  'to choose other sources. Raises 22023 for other sources, 0A000 without pgmq. For service_role only.';

create function public.sync_disable_change_queue()
returns void
language plpgsql
volatile
security definer -- the triggers are on tables of the owner's
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row record;
begin
  perform pg_advisory_xact_lock(hashtextextended('everything:', 0));

  for v_row in
    select *
    from clerk_sync.queued_tables()
  loop
    execute format('drop trigger if exists change_is_queued on %s', v_row.table_name);
    if v_row.register is not null then
      execute format('drop trigger if exists appearance_is_queued on %s', v_row.register);
    end if;
  end loop;
  update clerk_sync.settings
  set queued_sources = null
  where is_set;
  delete from clerk_sync.unsent_messages
  where message_id > 0;
end;
$$;

revoke execute on function public.sync_disable_change_queue()
  from public, anon, authenticated;
grant execute on function public.sync_disable_change_queue()
  to service_role;

comment on function public.sync_disable_change_queue() is
  'Takes the triggers of the change queue out: nothing more is sent. The queue and what is in it stay until '
  'pgmq.drop_queue(''clerk_changes''). Safe to repeat. For service_role only.';

create function clerk_sync.change_queue()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'sources', s.queued_sources,
    'is_there', to_regclass('pgmq.q_clerk_changes') is not null,
    'unsent', (select count(*) from clerk_sync.unsent_messages),
    'unsent_since', (select min(since) from clerk_sync.unsent_messages)
  )
  from clerk_sync.settings s
  where s.queued_sources is not null;
$$;

revoke execute on function clerk_sync.change_queue()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.change_queue() is
  'How the change queue is doing: {"sources", "is_there", "unsent": messages that it did not take, "unsent_since"}; null '
  'where it is off.';
