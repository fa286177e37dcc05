-- RPC for an event whose own RPC was refused: that one is called once more, where what refuses it can be seen. The Data API
-- tells a SQLSTATE alone; whose rule it is stands in the diagnostics, which only a block with a handler reads. An event that
-- is applied at once has no such block: it would cost every one of them a subtransaction.

create function public.sync_retry_event(
  p_rpc text,
  p_arguments jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- as the RPCs that it calls
as $$
declare
  c_rpcs constant text[] := '{
    upsert_user, delete_user, upsert_org_with_owner, delete_org, set_membership, remove_membership, record_session,
    record_snapshots
  }'::text[];
  v_columns text;
  v_arguments text;
  v_is_known boolean;
  v_is_readable boolean := false;
  v_outcome text;
  v_refusal clerk_sync.refusal;
  v_functions text[];
  v_theirs text[];
  v_error text;
  v_user_external_id text;
  v_organization_external_id text;
begin
  select
    string_agg(format('%I %s', a.name, a.type::regtype), ', '),
    string_agg(format('%1$I => a.%1$I', a.name), ', '),
    p_arguments ->> 'p_event_id' <> '' and count(*) = (select count(*) from jsonb_object_keys(p_arguments))
  into v_columns, v_arguments, v_is_known
  from pg_catalog.pg_proc p
  cross join lateral unnest(p.proargnames, p.proargtypes::oid[]) a (name, type)
  where p.pronamespace = 'public'::regnamespace
    and p.proname = p_rpc
    and p_rpc = any (c_rpcs)
    and p_arguments ? a.name;
  if v_is_known is not true then
    raise exception 'no such call of an event''s RPC'
      using errcode = 'invalid_parameter_value',
            detail = 'p_rpc is one of ' || array_to_string(c_rpcs, ', '),
            hint = 'p_arguments is an object of its parameters by name, p_event_id among them.';
  end if;

  begin
    execute format('select from jsonb_to_record($1) a (%s)', v_columns)
    using p_arguments;
    v_is_readable := true;

    execute format('select public.%I(%s) from jsonb_to_record($1) a (%s)', p_rpc, v_arguments, v_columns)
    into v_outcome
    using p_arguments;
    -- What would be refused at the commit is refused here.
    set constraints all immediate;
    return jsonb_build_object('outcome', v_outcome, 'error_code', null, 'error', null);
  exception
    -- Whatever it is, an app's trigger may raise anything: this is where it gets a name. A cancelled query is none of it.
    when others or assert_failure then
      get stacked diagnostics
        v_refusal.error_code = returned_sqlstate,
        v_refusal.schema_name = schema_name,
        v_refusal.table_name = table_name,
        v_refusal.column_name = column_name,
        v_refusal.type_name = pg_datatype_name,
        v_refusal.constraint_name = constraint_name,
        v_refusal.context = pg_exception_context;
  end;

  -- Whoever called this one has no part in it.
  v_functions := clerk_sync.functions_in(v_refusal.context);
  v_functions := v_functions[:(select max(at) from unnest(array_positions(v_functions, 'public.sync_retry_event')) at)];
  v_theirs := array(
    select f.name
    from unnest(v_functions) with ordinality f (name, position)
    where split_part(f.name, '.', 1) <> 'clerk_sync'
      and f.name <> 'public.sync_retry_event'
      and not f.name = any (array(select 'public.' || rpc from unnest(c_rpcs) rpc))
    order by f.position
  );
  v_error := nullif(concat_ws(', ',
    clerk_sync.refusing_object(v_refusal), 'function ' || (array_remove(v_theirs, ''))[1]
  ), '');

  -- Only a parameter that can't be read, and a rule of clerk_sync, where nobody else has any, speak of what was sent. Our
  -- columns in public are under the app's triggers, types and expressions too: an error there may always be one of theirs.
  if v_refusal.error_code ~ '^(22|54|23502$|23514$)' and (
    not v_is_readable
    or v_refusal.schema_name = 'clerk_sync' and v_theirs = '{}' and 'public.sync_retry_event' = any (v_functions)
  ) then
    v_outcome := 'rejected';
    v_error := coalesce(v_error, 'a value that PostgreSQL can''t store');
  else
    v_outcome := 'failed';
    v_error := coalesce(v_error, 'in ' || v_functions[1]);
  end if;

  -- As the RPC itself would enter it; of a membership whose event names no user, the one that is known.
  v_user_external_id := coalesce(
    p_arguments ->> 'p_user_external_id',
    p_arguments #>> '{p_snapshots,0,p_user_external_id}',
    case when p_rpc in ('upsert_user', 'delete_user') then p_arguments ->> 'p_external_id' end,
    (select user_external_id from clerk_sync.membership_register where external_id = p_arguments ->> 'p_external_id')
  );
  v_organization_external_id := coalesce(
    p_arguments ->> 'p_organization_external_id',
    p_arguments #>> '{p_snapshots,0,p_organization_external_id}',
    case when p_rpc in ('upsert_org_with_owner', 'delete_org') then p_arguments ->> 'p_external_id' end
  );

  if public.record_event(
    p_event_id => p_arguments ->> 'p_event_id',
    p_outcome => v_outcome,
    p_event_type => p_arguments ->> 'p_event_type',
    p_event_at => case when v_is_readable then (p_arguments ->> 'p_event_at')::timestamptz end,
    p_object_id => coalesce(p_arguments ->> 'p_external_id', p_arguments ->> 'p_object_id'),
    p_error_code => v_refusal.error_code,
    p_error => left(v_error, 300),
    p_user_external_id => v_user_external_id,
    p_organization_external_id => v_organization_external_id,
    p_ends_access => v_outcome = 'failed' and case p_rpc
      when 'upsert_user' then coalesce('true' in (p_arguments ->> 'p_banned', p_arguments ->> 'p_deprovisioned'), false)
      when 'remove_membership' then v_user_external_id is not null
      else p_rpc in ('delete_user', 'delete_org')
    end
  ) = 'duplicate' then
    return jsonb_build_object('outcome', 'duplicate', 'error_code', null, 'error', null);
  end if;
  return jsonb_build_object('outcome', v_outcome, 'error_code', v_refusal.error_code, 'error', left(v_error, 300));
end;
$$;

revoke execute on function public.sync_retry_event(text, jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_retry_event(text, jsonb)
  to service_role;

comment on function public.sync_retry_event(text, jsonb) is
  'Calls the RPC of an event, p_rpc, once more, with its parameters by name, and where it is refused enters that in the '
  'ledger with what refuses it. Returns {"outcome", "error_code", "error"}. outcome is the RPC''s own when it succeeds; '
  'rejected: what was sent can''t be stored; failed: anything else, as a trigger, a constraint, a foreign key or a column '
  'of the app, and whoever was to lose access by it has none while it stays failed; duplicate: the event was settled '
  'meanwhile. error names a constraint, table, column or function, or where nothing has a name the function that it happened '
  'in ("in clerk_sync.merge_user"), and no value. Safe to repeat. Raises 22023 for another RPC, another parameter or no '
  'p_event_id. For service_role only.';
