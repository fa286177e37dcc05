-- Rule 1. The order of two states is (updated_at, event time, svix-id), compared as a tuple; the greater wins, in
-- whatever order they arrive. Each order of the same facts is played to an object of its own.
begin;
set local search_path = public, extensions;
select plan(10);

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

-- The envelopes of the second and the third run backwards: only updated_at may decide between them.
create temporary table snapshots (
  fact text primary key,
  updated_at timestamptz,
  event_at timestamptz,
  event_id text
);
insert into snapshots
values
  ('first', '2026-01-01', '2026-01-01', 'a'),
  ('second', '2026-01-02', '2026-01-09', 'b'),
  ('third', '2026-01-03', '2026-01-05', 'c'),
  ('early', '2026-02-01', '2026-02-01', 'z'),
  ('late', '2026-02-01', '2026-02-02', 'a'),
  ('small', '2026-03-01', '2026-03-01', 'B'),
  ('great', '2026-03-01', '2026-03-01', 'a'),
  ('untimed', null, '2026-04-02', 'a'),
  ('timed', '2026-04-01', '2026-04-03', 'b');

create function pg_temp.play(p_facts text[])
returns text
language plpgsql
as $$
declare
  v_id text := array_to_string(p_facts, '_');
  s snapshots;
begin
  for s in
    select snapshots.*
    from unnest(p_facts) with ordinality as told (fact, position)
    join snapshots using (fact)
    order by position
  loop
    perform public.upsert_user(
      'user_' || v_id, s.fact, p_created_at => '2026-01-01', p_updated_at => s.updated_at, p_event_at => s.event_at,
      p_event_id => s.event_id || v_id
    );
    perform public.upsert_org_with_owner(
      'org_' || v_id, s.fact, p_created_at => '2026-01-01', p_updated_at => s.updated_at, p_event_at => s.event_at,
      p_event_id => s.event_id || '_org' || v_id
    );
    perform public.set_membership(
      'org_' || v_id, 'user_' || v_id, s.fact, 'orgmem_' || v_id, p_created_at => '2026-01-01',
      p_updated_at => s.updated_at, p_event_at => s.event_at, p_event_id => s.event_id || '_mem' || v_id
    );
    perform public.record_session(
      'sess_' || v_id, 'user_' || v_id, s.fact, p_created_at => '2026-01-01', p_updated_at => s.updated_at,
      p_event_at => s.event_at, p_event_id => s.event_id || '_sess' || v_id
    );
  end loop;

  return (
    select concat_ws(' ', u.email, o.name, m.role, session.status)
    from public.users u, public.organizations o, public.organization_members m, public.user_sessions session
    where u.external_id = 'user_' || v_id
      and o.external_id = 'org_' || v_id
      and m.external_id = 'orgmem_' || v_id
      and session.external_id = 'sess_' || v_id
  );
end;
$$;

select pg_temp.ends_alike(
  '{first,second,third}', 'third third third third',
  'the greatest updated_at wins in all 6 orders, whatever the envelopes say'
);

select results_eq(
  format(
    $$
    select count(distinct to_jsonb(r) - '{id,external_id,organization_id,user_id,user_external_id}'::text[])
    from public.%I r
    where external_id ~ '_(first|second|third)_'
    $$,
    name
  ),
  '{1}'::bigint[],
  format('the %s of all orders are equal in every column', what)
)
from (
  values
    ('users', 'users'), ('organizations', 'organizations'), ('organization_members', 'members'), ('user_sessions', 'sessions')
) as tables (name, what);

select pg_temp.ends_alike(facts, ending, what)
from (
  values
    ('{early,late}', 'late late late late', 'with one updated_at the later event wins, in both orders'),
    ('{small,great}', 'great great great great',
      'with one updated_at and one event time the greater svix-id wins by its bytes, in both orders'),
    ('{untimed,timed}', 'untimed untimed untimed untimed',
      'a state without updated_at has the time of its event, in both orders')
) as told (facts, ending, what);

select is(
  (select updated_at from public.users where external_id = 'user_first_second_third'),
  '2026-01-03',
  'the row shows the updated_at of the state that won'
);

select is(
  (select updated_at from public.users where external_id = 'user_timed_untimed'),
  '2026-04-02',
  'the row of a state without updated_at shows the time of its event'
);

select * from finish();
rollback;
