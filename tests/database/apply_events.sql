-- sync_apply_events: calls of events' RPCs that travel together end as if each had gone by itself.
begin;
set local search_path = public, extensions;
select plan(20);

truncate public.users, public.organizations, public.organization_members, public.user_sessions, public.subscriptions,
  public.organization_invitations cascade;

create function pg_temp.call(p_rpc text, p_event_id text, p_arguments jsonb)
returns jsonb
language sql
as $$
  select jsonb_build_object('rpc', p_rpc, 'arguments', p_arguments || jsonb_build_object(
    'p_event_id', p_event_id, 'p_event_type', 'of ' || p_event_id, 'p_event_at', '2026-03-01T00:00:00.250Z',
    'p_instance_id', null
  ));
$$;

-- Each parameter of each RPC has a value of its own, so that none can stand for another.
create function pg_temp.value_of(p_name text, p_type regtype, p_position integer)
returns jsonb
language sql
as $$
  select case
    when p_name = 'p_role' then '"org:admin"'
    when p_name = 'p_status' then '"pending"'
    when p_name = 'p_kind' then '"subscription"'
    when p_name = 'p_outcome' then '"failed"'
    when p_name = 'p_instance_id' then 'null'
    when p_name = 'p_snapshots' then '[{
      "p_external_id": "csub_item_1", "p_user_external_id": "user_1", "p_plan": "pro", "p_status": "active",
      "p_period_start": "2026-01-01", "p_updated_at": "2026-02-01"
    }]'
    when p_type = 'boolean'::regtype then to_jsonb(p_name in ('p_banned', 'p_user_deprovisioned', 'p_ends_access'))
    when p_type = 'timestamptz'::regtype then to_jsonb('2026-01-02'::timestamptz + p_position * interval '1 hour')
    when p_type = 'jsonb'::regtype then jsonb_build_object('value of', p_name)
    else to_jsonb(p_name || ' of ' || p_position)
  end;
$$;

create function pg_temp.arguments_of(p_rpc text)
returns jsonb
language sql
as $$
  select jsonb_object_agg(a.name, pg_temp.value_of(a.name, a.type::regtype, a.position::integer))
  from pg_catalog.pg_proc p
  cross join lateral unnest(p.proargnames, p.proargtypes::oid[]) with ordinality a (name, type, position)
  where p.pronamespace = 'public'::regnamespace
    and p.proname = p_rpc;
$$;

-- The rows of all tables that an event writes, but for our own keys and what the clock says.
create function pg_temp.rows()
returns jsonb
language plpgsql
as $$
declare
  v_table regclass;
  v_rows jsonb;
  v_all jsonb := '{}';
begin
  foreach v_table in array '{
    public.users, public.public_user_data, public.organizations, public.organization_members, public.user_sessions,
    public.subscriptions, clerk_sync.user_register, clerk_sync.organization_register, clerk_sync.membership_register,
    clerk_sync.session_register, clerk_sync.snapshot_register, clerk_sync.events
  }'::regclass[]
  loop
    execute format(
      'select jsonb_agg(row order by row) from (
        select to_jsonb(t) - ''{id, user_id, organization_id, first_received_at, last_received_at, outcome_at, apply_us}''::text[]
        from %s t
      ) r (row)', v_table
    )
    into v_rows;
    v_all := v_all || jsonb_build_object(v_table::text, v_rows);
  end loop;
  return v_all;
end;
$$;

-- Makes a call in the way that is asked for, tells what is there then, and takes it back.
create function pg_temp.after(p_rpc text, p_is_page boolean)
returns jsonb
language plpgsql
as $$
declare
  v_arguments constant jsonb := pg_temp.arguments_of(p_rpc);
  v_named text;
  v_outcome text;
  v_rows jsonb;
begin
  if p_is_page then
    v_outcome := public.sync_apply_events(
      jsonb_build_array(jsonb_build_object('rpc', p_rpc, 'arguments', v_arguments))
    ) #>> '{0,outcome}';
  else
    select string_agg(format('%I => %L::%s', a.name, v_arguments ->> a.name, a.type::regtype), ', ')
    into v_named
    from pg_catalog.pg_proc p
    cross join lateral unnest(p.proargnames, p.proargtypes::oid[]) a (name, type)
    where p.pronamespace = 'public'::regnamespace
      and p.proname = p_rpc;
    execute format('select public.%I(%s)', p_rpc, v_named)
    into v_outcome;
  end if;
  v_rows := pg_temp.rows() || jsonb_build_object('outcome', v_outcome);
  raise exception using errcode = 'TAKEN', message = v_rows::text;
exception
  when sqlstate 'TAKEN' then
    return sqlerrm::jsonb;
end;
$$;

select is(pg_temp.after(rpc, true), pg_temp.after(rpc, false), rpc || ' in a page does what it does by itself, with every parameter')
from unnest('{
  upsert_user, delete_user, upsert_org_with_owner, delete_org, set_membership, remove_membership, record_session,
  record_snapshots, record_event
}'::text[]) rpc;

select is_empty(
  $$
    select proname
    from pg_catalog.pg_proc
    where pronamespace = 'public'::regnamespace
      and prorettype = 'public.sync_outcome'::regtype
      and 'p_event_type' = any (proargnames)
      and public.sync_apply_events(
        jsonb_build_array(jsonb_build_object('rpc', proname, 'arguments', pg_temp.arguments_of(proname)))
      ) #>> '{0,outcome}' is null
  $$,
  'every RPC of an event can go in a page'
);

select is(
  public.sync_apply_events(jsonb_build_array(
    pg_temp.call('upsert_user', 'msg_1', '{"p_external_id": "user_1", "p_email": "one@example.test"}'),
    pg_temp.call('upsert_org_with_owner', 'msg_2', '{"p_external_id": "org_1"}'),
    pg_temp.call('upsert_user', 'msg_1', '{"p_external_id": "user_1", "p_email": "two@example.test"}'),
    pg_temp.call('set_membership', 'msg_3', '{"p_organization_external_id": "org_1", "p_user_external_id": "user_1"}'),
    pg_temp.call('upsert_user', 'msg_4', '{"p_external_id": "user_1", "p_updated_at": "2026-01-01"}'),
    pg_temp.call('upsert_user', 'msg_5', '{"p_external_id": "user_2", "p_updated_at": "no time"}')
  )),
  '[
    {"outcome": "applied"}, {"error_code": "23502"}, {"outcome": "duplicate"}, {"outcome": "applied"}, {"outcome": "stale"},
    {"error_code": "22007"}
  ]',
  'each has an outcome of its own, in order: a twin is a duplicate, an older one stale, one that is refused is refused alone'
);

select results_eq(
  $$ select event_id::text, outcome::text, attempts from clerk_sync.events where event_id like 'msg__' order by 1 $$,
  $$ values ('msg_1', 'applied', 2), ('msg_3', 'applied', 1), ('msg_4', 'stale', 1) $$,
  'and a row of its own in the ledger, but for those that are refused'
);

select is(
  (select email from public.users where external_id = 'user_1'), 'one@example.test', 'what was applied before a refusal stays'
);
select is(
  (select count(*)::integer from public.users where external_id = 'user_2'), 0, 'and what is refused leaves nothing behind'
);

-- Stands for an app's trigger that takes its time.
create function pg_temp.linger() returns trigger language plpgsql as $$
begin
  perform pg_sleep(0.6);
  return new;
end;
$$;
create trigger lingers before insert on public.users for each row execute function pg_temp.linger();
select is(
  public.sync_apply_events((
    select jsonb_agg(pg_temp.call('upsert_user', 'msg_slow_' || n, jsonb_build_object('p_external_id', 'user_slow_' || n)))
    from generate_series(1, 4) n
  )),
  '[{"outcome": "applied"}, {"outcome": "applied"}, null, null]',
  'what is not begun within a second is told so'
);
drop trigger lingers on public.users;

select is(public.sync_apply_events('[]'), '[]', 'a page may be empty');
select is(
  public.sync_apply_events('[null, 1, {}, {"rpc": "sync_purge_events"}, {"rpc": "delete_user", "arguments": [1]}]'),
  '[{"error_code": "22023"}, {"error_code": "22023"}, {"error_code": "22023"}, {"error_code": "22023"}, {"error_code": "23502"}]',
  'what is no call of an event''s RPC is refused alone'
);
select throws_ok($$ select public.sync_apply_events('{}') $$, '22023', null, 'what is no array is refused');
select throws_ok($$ select public.sync_apply_events(null) $$, '22023', null, 'and nothing');
select throws_ok(
  $$ select public.sync_apply_events((select jsonb_agg('{}'::jsonb) from generate_series(1, 51))) $$, '22023', null,
  'a page of more than 50 is refused'
);

select * from finish();
rollback;
