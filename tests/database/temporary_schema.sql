-- What somebody makes in the temporary schema runs as themself, never as the owner of our functions: PostgreSQL looks for types
-- there first, unless the search_path says otherwise.
begin;
set local search_path = public, extensions;
select plan(3);

grant usage on schema extensions to authenticated, service_role;

create function pg_temp.spy()
returns boolean
language plpgsql
as $$
begin
  perform set_config('spy.ran_as', coalesce(current_setting('spy.ran_as', true), '') || ' ' || current_user, true);
  return true;
end;
$$;

create function pg_temp.ran_as()
returns text
language sql
as $$
  select current_setting('spy.ran_as', true);
$$;

-- A domain by the name of each type, whose check runs as whoever uses it.
do $$
declare
  v_type text;
begin
  foreach v_type in array '{text,varchar,jsonb,json,boolean,bool,uuid,integer,int4,bigint,smallint,real,timestamptz,"interval","double precision",float8,numeric,name,oid,regclass}'::text[] loop
    execute format('create domain pg_temp.%I as pg_catalog.%I check (pg_temp.spy())',
      trim(v_type, '"'), case v_type
        when 'boolean' then 'bool' when 'integer' then 'int4' when 'bigint' then 'int8' when 'smallint' then 'int2'
        when 'real' then 'float4' when 'double precision' then 'float8' else trim(v_type, '"')
      end);
  end loop;
end;
$$;

select set_config(
  'request.jwt.claims',
  '{
    "sub": "user_spy", "role": "authenticated", "v": 2, "fea": "o:ai", "pla": "o:pro",
    "o": {"id": "org_spy", "rol": "admin", "per": "use", "fpm": "1"}
  }',
  true
);
set local role authenticated;
select null::pg_temp.jsonb is null;
select matches(pg_temp.ran_as(), '^( authenticated)+$', 'the domain''s check runs as whoever uses it');
do $$
begin
  perform set_config('spy.ran_as', '', true);
  perform public.my_user_id(), public.my_user(), public.my_organization_ids(), public.my_organizations(),
    public.my_colleague_ids(), public.is_member_of(null), public.is_admin_of(null), public.is_owner_of(null),
    public.active_organization_id(), public.my_plan(), public.has_feature('ai'), public.has_plan('pro'),
    public.has_role('admin'), public.has_permission('org:ai:use');
  perform set_config('spy.found', current_setting('spy.ran_as'), true);
end;
$$;
select is(current_setting('spy.found'), '', 'what an app asks about its user does not look there');

set local role service_role;
do $$
begin
  perform set_config('spy.ran_as', '', true);
  perform public.upsert_user('user_spy', p_event_id => 'msg_spy_1');
  perform public.upsert_org_with_owner('org_spy', 'Spy', 'spy', p_created_by => 'user_spy', p_event_id => 'msg_spy_2');
  perform public.set_membership('org_spy', 'user_spy', p_event_id => 'msg_spy_3');
  perform public.record_session('sess_spy', 'user_spy', p_event_id => 'msg_spy_4');
  perform public.sync_upsert_users('[{"p_external_id": "user_spy"}]'), public.sync_upsert_orgs('[{"p_external_id": "org_spy", "p_name": "Spy"}]'),
    public.sync_set_memberships('[{"p_organization_external_id": "org_spy", "p_user_external_id": "user_spy"}]'),
    public.sync_compare_users('[]'), public.sync_compare_orgs('[]'), public.sync_compare_memberships('[]'),
    public.sync_list_users(), public.sync_list_orgs(), public.sync_list_memberships(), public.sync_list_events(), public.sync_open_causes(),
    public.sync_status(), public.sync_metrics(), public.sync_event_series(), public.sync_row_counts(),
    public.sync_retry_event('delete_org', '{"p_external_id": "org_spy", "p_event_id": "msg_spy_5"}'), public.sync_close_event('msg_spy_5'),
    public.sync_apply_events('[{"rpc": "delete_org", "arguments": {"p_external_id": "org_spy", "p_event_id": "msg_spy_9"}}]'),
    public.remove_membership('org_spy', 'user_spy', p_event_id => 'msg_spy_6'),
    public.delete_org('org_spy', 'msg_spy_7'), public.delete_user('user_spy', 'msg_spy_8'), public.sync_erase_user('user_spy'),
    public.sync_purge_events(), public.sync_describe_tables(), public.sync_describe_keeping_keys(), public.sync_describe_rpcs('{}'),
    public.sync_applied_migrations(), public.sync_is_purge_scheduled(), public.sync_bound_instance(), public.sync_erase_on_delete(),
    public.sync_version(), public.sync_disable_change_queue(), public.sync_enable_realtime(),
    public.record_event('msg_spy_9', 'ignored'), public.sync_last_run('drift'),
    public.record_snapshots(
      'subscription',
      '[{"p_external_id": "csub_item_spy", "p_organization_external_id": "org_spy", "p_status": "active", "p_seats": 5}]',
      p_event_id => 'msg_spy_10'
    ),
    public.sync_record_snapshots(
      'invitation',
      '[{"p_external_id": "orginv_spy", "p_organization_external_id": "org_spy", "p_status": "pending", "p_email": "", "p_clerk_role": "a"}]'
    ),
    public.sync_compare_snapshots('subscription', '[{"p_external_id": "csub_item_spy", "p_period_end": "2026-01-01"}]'),
    public.sync_list_snapshots('subscription'), public.sync_plan_follows_billing(true);
  perform set_config('spy.found', current_setting('spy.ran_as'), true);
end;
$$;
select is(current_setting('spy.found'), '', 'nor do the RPCs');

select * from finish();
rollback;
