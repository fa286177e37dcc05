-- RPC for deliveries that wait together: a page of calls of the events' own RPCs, in one transaction. Of a burst, what costs
-- most is not the rules but the way to them: a request, a transaction and a durable commit for each event.

create function clerk_sync.apply_call(
  p_rpc text,
  p_arguments jsonb
)
returns public.sync_outcome
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- What is left out is as the RPC's own default has it: null, but for these.
  c_defaults constant jsonb := '{
    "p_banned": false, "p_deprovisioned": false, "p_public_metadata": {}, "p_with_owner": true, "p_role": "org:member",
    "p_status": "active", "p_ends_access": false
  }'::jsonb;
  a constant jsonb := c_defaults || p_arguments;
begin
  case p_rpc
    when 'upsert_user' then
      return public.upsert_user(
        p_external_id => a ->> 'p_external_id',
        p_email => a ->> 'p_email',
        p_full_name => a ->> 'p_full_name',
        p_avatar_url => a ->> 'p_avatar_url',
        p_username => a ->> 'p_username',
        p_banned => (a ->> 'p_banned')::boolean,
        p_deprovisioned => (a ->> 'p_deprovisioned')::boolean,
        p_public_metadata => nullif(a -> 'p_public_metadata', 'null'),
        p_created_at => (a ->> 'p_created_at')::timestamptz,
        p_updated_at => (a ->> 'p_updated_at')::timestamptz,
        p_event_id => a ->> 'p_event_id',
        p_event_type => a ->> 'p_event_type',
        p_event_at => (a ->> 'p_event_at')::timestamptz,
        p_instance_id => a ->> 'p_instance_id'
      );
    when 'delete_user' then
      return public.delete_user(
        p_external_id => a ->> 'p_external_id',
        p_event_id => a ->> 'p_event_id',
        p_event_type => a ->> 'p_event_type',
        p_event_at => (a ->> 'p_event_at')::timestamptz,
        p_instance_id => a ->> 'p_instance_id'
      );
    when 'upsert_org_with_owner' then
      return public.upsert_org_with_owner(
        p_external_id => a ->> 'p_external_id',
        p_name => a ->> 'p_name',
        p_slug => a ->> 'p_slug',
        p_logo_url => a ->> 'p_logo_url',
        p_created_by => a ->> 'p_created_by',
        p_with_owner => (a ->> 'p_with_owner')::boolean,
        p_public_metadata => nullif(a -> 'p_public_metadata', 'null'),
        p_created_at => (a ->> 'p_created_at')::timestamptz,
        p_updated_at => (a ->> 'p_updated_at')::timestamptz,
        p_event_id => a ->> 'p_event_id',
        p_event_type => a ->> 'p_event_type',
        p_event_at => (a ->> 'p_event_at')::timestamptz,
        p_instance_id => a ->> 'p_instance_id'
      );
    when 'delete_org' then
      return public.delete_org(
        p_external_id => a ->> 'p_external_id',
        p_event_id => a ->> 'p_event_id',
        p_event_type => a ->> 'p_event_type',
        p_event_at => (a ->> 'p_event_at')::timestamptz,
        p_instance_id => a ->> 'p_instance_id'
      );
    when 'set_membership' then
      return public.set_membership(
        p_organization_external_id => a ->> 'p_organization_external_id',
        p_user_external_id => a ->> 'p_user_external_id',
        p_role => a ->> 'p_role',
        p_external_id => a ->> 'p_external_id',
        p_created_at => (a ->> 'p_created_at')::timestamptz,
        p_updated_at => (a ->> 'p_updated_at')::timestamptz,
        p_organization_name => a ->> 'p_organization_name',
        p_organization_slug => a ->> 'p_organization_slug',
        p_organization_logo_url => a ->> 'p_organization_logo_url',
        p_organization_created_by => a ->> 'p_organization_created_by',
        p_user_email => a ->> 'p_user_email',
        p_user_full_name => a ->> 'p_user_full_name',
        p_user_avatar_url => a ->> 'p_user_avatar_url',
        p_user_username => a ->> 'p_user_username',
        p_user_banned => (a ->> 'p_user_banned')::boolean,
        p_user_deprovisioned => (a ->> 'p_user_deprovisioned')::boolean,
        p_event_id => a ->> 'p_event_id',
        p_event_type => a ->> 'p_event_type',
        p_event_at => (a ->> 'p_event_at')::timestamptz,
        p_instance_id => a ->> 'p_instance_id'
      );
    when 'remove_membership' then
      return public.remove_membership(
        p_organization_external_id => a ->> 'p_organization_external_id',
        p_user_external_id => a ->> 'p_user_external_id',
        p_external_id => a ->> 'p_external_id',
        p_created_at => (a ->> 'p_created_at')::timestamptz,
        p_organization_name => a ->> 'p_organization_name',
        p_organization_slug => a ->> 'p_organization_slug',
        p_organization_logo_url => a ->> 'p_organization_logo_url',
        p_organization_created_by => a ->> 'p_organization_created_by',
        p_user_email => a ->> 'p_user_email',
        p_user_full_name => a ->> 'p_user_full_name',
        p_user_avatar_url => a ->> 'p_user_avatar_url',
        p_user_username => a ->> 'p_user_username',
        p_user_banned => (a ->> 'p_user_banned')::boolean,
        p_user_deprovisioned => (a ->> 'p_user_deprovisioned')::boolean,
        p_event_id => a ->> 'p_event_id',
        p_event_type => a ->> 'p_event_type',
        p_event_at => (a ->> 'p_event_at')::timestamptz,
        p_instance_id => a ->> 'p_instance_id'
      );
    when 'record_session' then
      return public.record_session(
        p_external_id => a ->> 'p_external_id',
        p_user_external_id => a ->> 'p_user_external_id',
        p_status => a ->> 'p_status',
        p_client_id => a ->> 'p_client_id',
        p_device => a ->> 'p_device',
        p_browser => a ->> 'p_browser',
        p_city => a ->> 'p_city',
        p_country => a ->> 'p_country',
        p_last_active_at => (a ->> 'p_last_active_at')::timestamptz,
        p_expire_at => (a ->> 'p_expire_at')::timestamptz,
        p_created_at => (a ->> 'p_created_at')::timestamptz,
        p_updated_at => (a ->> 'p_updated_at')::timestamptz,
        p_actor_external_id => a ->> 'p_actor_external_id',
        p_event_id => a ->> 'p_event_id',
        p_event_type => a ->> 'p_event_type',
        p_event_at => (a ->> 'p_event_at')::timestamptz,
        p_instance_id => a ->> 'p_instance_id'
      );
    when 'record_snapshots' then
      return public.record_snapshots(
        p_kind => a ->> 'p_kind',
        p_snapshots => nullif(a -> 'p_snapshots', 'null'),
        p_object_id => a ->> 'p_object_id',
        p_event_id => a ->> 'p_event_id',
        p_event_type => a ->> 'p_event_type',
        p_event_at => (a ->> 'p_event_at')::timestamptz,
        p_instance_id => a ->> 'p_instance_id'
      );
    when 'record_event' then
      return public.record_event(
        p_event_id => a ->> 'p_event_id',
        p_outcome => a ->> 'p_outcome',
        p_event_type => a ->> 'p_event_type',
        p_event_at => (a ->> 'p_event_at')::timestamptz,
        p_object_id => a ->> 'p_object_id',
        p_error_code => a ->> 'p_error_code',
        p_error => a ->> 'p_error',
        p_user_external_id => a ->> 'p_user_external_id',
        p_organization_external_id => a ->> 'p_organization_external_id',
        p_ends_access => (a ->> 'p_ends_access')::boolean
      );
    else
      raise exception 'no RPC of an event'
        using errcode = 'invalid_parameter_value',
              hint = 'Those are the RPCs that end with a sync_outcome.';
  end case;
end;
$$;

revoke execute on function clerk_sync.apply_call(text, jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.apply_call(text, jsonb) is
  'Calls the RPC of an event by its name and its parameters, as the Data API does. Written out, for a statement that is made '
  'from their names would be planned anew for each event. Raises 22023 for another RPC, and what the RPC raises.';

create function public.sync_apply_events(
  p_calls jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- takes the lock of pages, and calls RPCs of its owner
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- for the lock of everything: whoever holds it longer is no page
as $$
declare
  -- What is not begun by then is told so: a page is never much longer than its longest event.
  c_at_most constant interval := '1 second'::interval;
  v_until timestamptz;
  v_call jsonb;
  v_answer jsonb;
  v_answers jsonb[] := '{}'::jsonb[];
begin
  perform clerk_sync.page_size(p_calls, 50);
  perform
    pg_advisory_xact_lock(hashtextextended('everything:', 0)),
    -- All others wait meanwhile: an event that meets a lock of the app's is left to a call of its own.
    set_config('lock_timeout', '100ms', true);
  v_until := clock_timestamp() + c_at_most;

  for v_call in
    select call
    from jsonb_array_elements(p_calls) call
  loop
    v_answer := 'null';
    if cardinality(v_answers) = 0 or clock_timestamp() < v_until then
      begin
        v_answer := jsonb_build_object('outcome', clerk_sync.apply_call(v_call ->> 'rpc', v_call -> 'arguments'));
      exception
        -- Whatever it is, the others must not pay for it. A cancelled query is none of it: the page ends.
        when others or assert_failure then
          v_answer := jsonb_build_object('error_code', sqlstate);
      end;
    end if;
    v_answers := v_answers || v_answer;
  end loop;

  return to_jsonb(v_answers);
end;
$$;

revoke execute on function public.sync_apply_events(jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_apply_events(jsonb)
  to service_role;

comment on function public.sync_apply_events(jsonb) is
  'Applies events that wait together: p_calls is an array of at most 50 calls {"rpc", "arguments"}, of the RPCs that return a '
  'sync_outcome and their parameters by name. One after another, each in a subtransaction of its own: one that is refused '
  'leaves nothing behind, and the others stay. Returns an array in the same order: {"outcome"}, {"error_code": SQLSTATE}, or '
  'null for a call that was not begun, as a second had passed. Takes everything alone, as every page does. Safe to repeat. '
  'Raises 22023 for what is no page, and 55P03 when something else than a page is in the way for a second; then nothing is '
  'applied. For service_role only.';
