-- Rule 9. Each svix-id is one row of the ledger, committed with the effects of the event: applied once, whatever
-- deliveries came before or come after. Each order of the same deliveries is played to an event of its own.
begin;
set local search_path = public, extensions;
select plan(9);

create function pg_temp.orders_of(p_facts text[])
returns setof text[]
language sql
as $$
  with recursive orders (taken, rest) as (
    select '{}'::text[], p_facts
    union all
    select taken || fact, array_remove(rest, fact)
    from orders, unnest(rest) as fact
  )
  select taken from orders where rest = '{}';
$$;

-- The test that the facts end alike in whatever order.
create function pg_temp.ends_alike(p_facts text, p_ending text, p_what text)
returns text
language sql
as $$
  select set_eq(
    format('select pg_temp.play(facts) from pg_temp.orders_of(%L) as facts', p_facts), array[p_ending], p_what
  );
$$;

create function pg_temp.play(p_facts text[])
returns text
language plpgsql
as $$
declare
  v_id text := array_to_string(p_facts, '_');
  v_fact text;
begin
  foreach v_fact in array p_facts loop
    case v_fact
      when 'failed' then
        perform public.record_event('msg_' || v_id, 'failed', p_error_code => '57014', p_error => 'statement timeout');
      when 'rejected' then
        perform public.record_event('msg_' || v_id, 'rejected', p_error_code => 'invalid', p_error => 'not an event');
      when 'ignored' then
        perform public.record_event('msg_' || v_id, 'ignored');
      when 'applied', 'delivered_again' then
        perform public.upsert_user(
          'user_' || v_id, 'a@example.test', p_updated_at => '2026-01-01', p_event_id => 'msg_' || v_id,
          p_event_type => 'user.created', p_event_at => '2026-01-01'
        );
    end case;
  end loop;

  return (
    select concat_ws(' ', event_type, outcome, user_external_id = 'user_' || v_id, error_code, error, email)
    from clerk_sync.events
    left join public.users on external_id = user_external_id
    where event_id = 'msg_' || v_id
  );
end;
$$;

select pg_temp.ends_alike(facts, ending, what)
from (
  values
    ('{applied,delivered_again}', 'user.created applied t a@example.test',
      'an event that is delivered twice is applied once'),
    ('{failed,applied}', 'user.created applied t a@example.test',
      'an event is applied whether its failure is recorded before or after'),
    ('{failed,rejected,ignored,applied}', 'user.created applied t a@example.test',
      'an event that was applied once is applied in all 24 orders'),
    ('{failed,rejected,applied,delivered_again}', 'user.created applied t a@example.test',
      'a further delivery finds it applied in all 24 orders')
) as told (facts, ending, what);

select is(
  (select attempts from clerk_sync.events where event_id = 'msg_failed_rejected_applied_delivered_again'),
  4,
  'every delivery counts until the event is applied, and every one of the event after'
);

-- A refused call is a transaction that failed: neither the row of the ledger nor an effect may outlive it.
select throws_ok(
  $$ select public.upsert_org_with_owner('org_a', null, p_created_by => 'user_a', p_event_id => 'msg_a') $$,
  '23502',
  null,
  'a call that is refused raises'
);

select is_empty(
  $$
  select event_id from clerk_sync.events where event_id = 'msg_a'
  union all
  select external_id from clerk_sync.organization_register where external_id = 'org_a'
  $$,
  'a call that raised leaves neither a row in the ledger nor an effect'
);

select is(
  public.upsert_org_with_owner('org_a', 'Acme', p_created_by => 'user_a', p_event_id => 'msg_a'),
  'applied',
  'a delivery after one that raised is applied'
);

select columns_are(
  'clerk_sync', 'events',
  '{
    event_id, event_type, object_id, user_external_id, organization_external_id, event_at, first_received_at,
    last_received_at, attempts, outcome, outcome_at, apply_us, error_code, error, effect, ends_access
  }'::name[],
  'the ledger has no column for a payload'
);

select * from finish();
rollback;
