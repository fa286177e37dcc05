-- Retention: old rows of the ledger and old sign-ins go, a few at a time. The registers stay: without them a late event
-- would bring back what is gone. Failed and rejected events stay until they are settled or closed.

create function public.sync_purge_events(
  p_older_than interval default '90 days',
  p_batch integer default 5000
)
returns jsonb
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before constant timestamptz := now() - p_older_than;
  -- A sign-in that a row of the app's refers to stays, and must not keep the others.
  v_is_kept constant text := (
    select string_agg(format(' and not exists (select from %s referring where %s)', table_name, matches), '')
    from clerk_sync.keeping_keys()
    where referenced_table = 'public.user_sessions'
  );
  v_events integer;
  v_sessions integer;
begin
  if p_older_than is null or p_older_than < interval '1 day' or p_batch is null or p_batch not between 1 and 100000 then
    raise exception 'p_older_than is at least a day, p_batch from 1 to 100000'
      using errcode = 'invalid_parameter_value',
            hint = 'A younger event may still be delivered again, and would then be applied once more.';
  end if;
  -- First, for it waits for organizations, and what follows waits for nobody.
  perform clerk_sync.end_canceled_plans();
  -- What goes is counted first.
  perform clerk_sync.count_events();
  perform clerk_sync.settle_members(20000);

  delete from clerk_sync.events
  where event_id = any (
    array(
      select event_id
      from clerk_sync.events
      where outcome in ('applied', 'stale', 'ignored', 'closed')
        and outcome_at < v_before
      order by outcome_at
      limit p_batch
      for update skip locked
    )
  );
  get diagnostics v_events = row_count;

  execute format(
    $delete$
    delete from public.user_sessions
    where id = any (
      array(
        select id
        from public.user_sessions kept
        where greatest(ended_at, expire_at, updated_at) < $1%s
        order by updated_at
        limit $2
        for update skip locked
      )
    )
    $delete$,
    v_is_kept
  )
  using v_before, p_batch;
  get diagnostics v_sessions = row_count;

  return jsonb_build_object(
    'events', v_events, 'sessions', v_sessions, 'is_done', v_events < p_batch and v_sessions < p_batch
  );
end;
$$;

revoke execute on function public.sync_purge_events(interval, integer)
  from public, anon, authenticated;
grant execute on function public.sync_purge_events(interval, integer)
  to service_role;

comment on function public.sync_purge_events(interval, integer) is
  'Deletes one batch of settled, ignored and closed events, and of sign-ins that are over, older than p_older_than. Failed '
  'and rejected events, sign-ins that a foreign key keeps, and all registers stay. Returns {"events": n, "sessions": n, '
  '"is_done": whether nothing more is due}. Safe to repeat. Raises 22023 for less than a day. For service_role only.';

create function public.sync_schedule_purge(
  p_older_than interval default '90 days'
)
returns text
language plpgsql
volatile
security definer -- cron.schedule is for the owner
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null then
    return 'no pg_cron';
  end if;

  -- By name: a linter reads what is written out, and there need not be such a schema.
  execute format('select %I.schedule($1, $2, $3)', 'cron')
  using 'clerk-sync-purge', '*/5 * * * *', format('select public.sync_purge_events(%L)', p_older_than);
  return 'scheduled';
exception
  -- The schema, the function or its table is not granted, or not what it is elsewhere; an internal error is that of a library
  -- that the server was started without. Scheduling is a convenience, which no migration may fail for.
  when insufficient_privilege or invalid_schema_name or undefined_function or undefined_table or undefined_column
    or internal_error then
    return 'not scheduled: ' || sqlerrm;
end;
$$;

revoke execute on function public.sync_schedule_purge(interval)
  from public, anon, authenticated;
grant execute on function public.sync_schedule_purge(interval)
  to service_role;

comment on function public.sync_schedule_purge(interval) is
  'Has pg_cron purge every five minutes what is older than p_older_than. Returns scheduled; no pg_cron where that extension '
  'is not enabled; not scheduled, and PostgreSQL''s reason, where pg_cron is not granted to its owner, or not loaded. But for '
  'the first, sync_purge_events is the operator''s to call. Safe to repeat. For service_role only.';

select public.sync_schedule_purge();
