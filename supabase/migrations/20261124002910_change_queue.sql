-- Turns the change queue on and off. On are triggers: off, nothing of it runs.

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
    ('public.organization_members', 'member', null),
    ('public.subscriptions', 'subscription', null),
    ('public.organization_invitations', 'invitation', null);
$$;

revoke execute on function clerk_sync.queued_tables()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.queued_tables() is
  'The tables whose changes are queued, what a row of each is called, and the register that tells a stub from a snapshot.';

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
  c_sources constant text[] := '{webhook,sync,backfill,drift,hand}'::text[];
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
           execute function clerk_sync.queue_change(%L, %L, %L)',
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
