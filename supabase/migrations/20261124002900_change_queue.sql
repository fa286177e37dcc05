-- What an app does when something changed: a message for each change that it can see, in a queue of pgmq's, written in the
-- transaction of the change. Off, until sync_enable_change_queue makes the triggers; without them nothing here runs.
--
-- A transaction may write one row several times, and nobody sees what is between. So a trigger notes what becomes of the row,
-- and one message says it when the transaction ends.

alter table clerk_sync.settings add column queued_sources text[];

comment on column clerk_sync.settings.queued_sources is
  'The sources whose changes are queued; null: the queue is off.';

create unlogged table clerk_sync.changes (
  row_id uuid primary key,
  subject text not null,
  ids jsonb not null,
  was_there boolean not null,
  is_there boolean not null,
  columns text[] not null,
  source text not null
);

alter table clerk_sync.changes enable row level security;

comment on table clerk_sync.changes is
  'What the transaction under way did to rows of the app''s tables. Emptied when it ends: nobody else ever sees a row.';
comment on column clerk_sync.changes.row_id is 'Our key of the row.';
comment on column clerk_sync.changes.subject is 'What it is: user, organization, member.';
comment on column clerk_sync.changes.ids is 'The ids that the message names.';
comment on column clerk_sync.changes.was_there is 'Whether it was there for the app before the transaction.';
comment on column clerk_sync.changes.is_there is 'Whether it is there now.';
comment on column clerk_sync.changes.columns is 'Names of the columns that were given another value.';
comment on column clerk_sync.changes.source is 'Why: clerk_sync.source().';

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

create function clerk_sync.is_there(
  p_subject text,
  p_row jsonb
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Rule 5: nobody knows them yet. Of a row without a register, or without any state in it, the sync knows nothing else.
  c_stub constant smallint[] := '{1,2}';
begin
  return p_row is not null and p_row ->> 'deleted_at' is null and case p_subject
    when 'user' then not exists (
      select from clerk_sync.user_register where external_id = p_row ->> 'external_id' and (version).rank = any (c_stub)
    )
    when 'organization' then not exists (
      select from clerk_sync.organization_register where external_id = p_row ->> 'external_id' and (version).rank = any (c_stub)
    )
    when 'member' then p_row ->> 'status' = 'active'
    else true
  end;
end;
$$;

revoke execute on function clerk_sync.is_there(text, jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.is_there(text, jsonb) is
  'Whether a row is there for the app: it is not deleted, no stub, and of a member, active. Null is no row.';

create function clerk_sync.ids_of(
  p_subject text,
  p_row jsonb
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Of a key that is there twice the last one counts.
  v_ids constant jsonb := jsonb_build_object(
    'user_id', p_row -> 'user_id',
    'user_external_id', p_row -> 'user_external_id',
    'organization_id', p_row -> 'organization_id',
    'organization_external_id', p_row -> 'organization_external_id',
    p_subject || '_id', p_row -> 'id',
    p_subject || '_external_id', p_row -> 'external_id'
  );
begin
  return jsonb_strip_nulls(
    case p_subject
      when 'member' then v_ids || jsonb_build_object(
        'user_external_id', (select external_id from public.users where id = (p_row ->> 'user_id')::uuid),
        'organization_external_id', (
          select external_id from public.organizations where id = (p_row ->> 'organization_id')::uuid
        )
      )
      else v_ids
    end
  );
end;
$$;

revoke execute on function clerk_sync.ids_of(text, jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.ids_of(text, jsonb) is
  'The ids that a message names: of the row, and of the user and the organization that it is of, ours and Clerk''s.';

create function clerk_sync.note_change()
returns trigger
language plpgsql
volatile
security definer -- writes clerk_sync, whoever changes the row
set search_path = pg_catalog, pg_temp
as $$
declare
  v_subject constant text := tg_argv[0];
  v_old constant jsonb := to_jsonb(old);
  v_new constant jsonb := to_jsonb(new);
  v_was_there constant boolean := clerk_sync.is_there(v_subject, v_old);
  v_is_there constant boolean := clerk_sync.is_there(v_subject, v_new);
  v_source constant text := clerk_sync.source();
  v_columns text[] := '{}';
begin
  if not (v_was_there or v_is_there) or v_source <> all (array(select unnest(queued_sources) from clerk_sync.settings)) then
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
    if v_columns = '{}' then
      return null;
    end if;
  end if;

  insert into clerk_sync.changes as known (row_id, subject, ids, was_there, is_there, columns, source)
  values (
    coalesce(new.id, old.id), v_subject, clerk_sync.ids_of(v_subject, coalesce(v_new, v_old)), v_was_there, v_is_there,
    v_columns, v_source
  )
  on conflict (row_id) do update
  set is_there = excluded.is_there,
      columns = array(select distinct unnest(known.columns || excluded.columns) order by 1);
  return null;
end;
$$;

revoke execute on function clerk_sync.note_change()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.note_change() is
  'Notes what became of a row, of which the argument says what it is, for the message that says it at the end. Of a change '
  'of updated_at alone, and of a source that is not queued, nothing.';

-- The register is written before the row, so the row''s own trigger sees a snapshot there already.
create function clerk_sync.note_appearance()
returns trigger
language plpgsql
volatile
security definer -- writes clerk_sync, whoever changes the row
set search_path = pg_catalog, pg_temp
as $$
declare
  v_subject constant text := tg_argv[0];
  v_row jsonb;
begin
  execute format('select to_jsonb(r) from %s r where external_id = $1', tg_argv[1])
  into v_row
  using new.external_id;

  insert into clerk_sync.changes (row_id, subject, ids, was_there, is_there, columns, source)
  select
    (v_row ->> 'id')::uuid, v_subject, clerk_sync.ids_of(v_subject, v_row), false, new.deleted_at is null, '{}',
    clerk_sync.source()
  from clerk_sync.settings
  where v_row is not null
    and clerk_sync.source() = any (queued_sources)
  on conflict (row_id) do nothing;
  return null;
end;
$$;

revoke execute on function clerk_sync.note_appearance()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.note_appearance() is
  'Notes that a stub gets its first snapshot: what it is, and its table, are the arguments.';

create function clerk_sync.send_message(
  p_message jsonb
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- By name: pgmq need not be there.
  execute format('select %I.send($1, $2)', 'pgmq')
  using 'clerk_changes', p_message;
exception
  -- The queue was dropped, or something of the app's hangs on it. Not what a later try may win.
  when integrity_constraint_violation or data_exception or plpgsql_error or syntax_error_or_access_rule_violation
    or invalid_schema_name or cardinality_violation or triggered_action_exception or triggered_data_change_violation
    or feature_not_supported
  then
    insert into clerk_sync.unsent_messages (message)
    values (p_message);
end;
$$;

revoke execute on function clerk_sync.send_message(jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.send_message(jsonb) is
  'Sends a message, or where the queue does not take it keeps it in unsent_messages: no event fails for it.';

create function clerk_sync.send_change()
returns trigger
language plpgsql
volatile
security definer -- reads clerk_sync at the end of anybody's transaction
set search_path = pg_catalog, pg_temp
as $$
declare
  v_change clerk_sync.changes;
begin
  delete from clerk_sync.changes
  where row_id = new.row_id
  returning *
  into v_change;

  if v_change.was_there or v_change.is_there then
    perform clerk_sync.send_message(
      jsonb_build_object(
        'kind', v_change.subject || '.' || case
          when v_change.was_there and v_change.is_there then 'changed'
          when v_change.is_there then case v_change.subject when 'member' then 'joined' else 'appeared' end
          else case v_change.subject when 'member' then 'left' else 'deleted' end
        end,
        'columns', v_change.columns,
        'source', v_change.source,
        'at', now()
      ) || v_change.ids
    );
  end if;
  return null;
end;
$$;

revoke execute on function clerk_sync.send_change()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.send_change() is
  'Sends what became of a row in the transaction, when it ends: nothing of a row that came and went in it.';

create constraint trigger change_is_sent
  after insert on clerk_sync.changes
  deferrable initially deferred
  for each row
  execute function clerk_sync.send_change();

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
  execute $queue$
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
      'create or replace trigger change_is_noted after insert or update or delete on %s
         for each row execute function clerk_sync.note_change(%L)',
      v_row.table_name, v_row.subject
    );
    if v_row.register is not null then
      execute format(
        'create or replace trigger appearance_is_noted after update on %s
           for each row when ((old.version).rank in (1, 2) and (new.version).rank >= 3)
           execute function clerk_sync.note_appearance(%L, %L)',
        v_row.register, v_row.subject, v_row.table_name
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
    execute format('drop trigger if exists change_is_noted on %s', v_row.table_name);
    if v_row.register is not null then
      execute format('drop trigger if exists appearance_is_noted on %s', v_row.register);
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
