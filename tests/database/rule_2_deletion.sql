-- Rule 2. Deletion is a separate, terminal flag: nothing brings a deleted user or organization back, and field updates
-- still merge by version. Each order of the same facts is played to objects of its own.
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

-- The update is newer than the deletion, by updated_at and by its envelope.
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
      when 'created' then
        perform public.upsert_user(
          'user_' || v_id, 'old', p_created_at => '2026-01-01', p_updated_at => '2026-01-01', p_event_at => '2026-01-01'
        );
        perform public.upsert_org_with_owner(
          'org_' || v_id, 'old', 'old-' || v_id, p_created_at => '2026-01-01', p_updated_at => '2026-01-01',
          p_event_at => '2026-01-01'
        );
      when 'updated' then
        perform public.upsert_user(
          'user_' || v_id, 'new', p_created_at => '2026-01-01', p_updated_at => '2026-01-05', p_event_at => '2026-01-05'
        );
        perform public.upsert_org_with_owner(
          'org_' || v_id, 'new', 'new-' || v_id, p_created_at => '2026-01-01', p_updated_at => '2026-01-05',
          p_event_at => '2026-01-05'
        );
      when 'deleted' then
        perform public.delete_user('user_' || v_id, p_event_at => '2026-01-03');
        perform public.delete_org('org_' || v_id, p_event_at => '2026-01-03');
      when 'deleted_again' then
        perform public.delete_user('user_' || v_id, p_event_at => '2026-01-09');
        perform public.delete_org('org_' || v_id, p_event_at => '2026-01-09');
    end case;
  end loop;

  return (
    select format('%s %s, %s %s %s', email, u.deleted_at::date, name, coalesce(slug, 'no slug'), o.deleted_at::date)
    from public.users u, public.organizations o
    where u.external_id = 'user_' || v_id
      and o.external_id = 'org_' || v_id
  );
end;
$$;

select pg_temp.ends_alike(facts, ending, what)
from (
  values
    ('{created,deleted}', 'old 2026-01-03, old no slug 2026-01-03', 'what was created is deleted in both orders'),
    ('{created,updated,deleted}', 'new 2026-01-03, new no slug 2026-01-03',
      'a deletion holds in all 6 orders, and the newest fields are kept'),
    ('{created,updated,deleted,deleted_again}', 'new 2026-01-03, new no slug 2026-01-03',
      'the earliest of two deletions holds in all 24 orders')
) as told (facts, ending, what);

select set_eq(
  $$ select pg_temp.play(facts || facts) from pg_temp.orders_of('{created,updated,deleted}') as facts $$,
  array['new 2026-01-03, new no slug 2026-01-03'],
  'telling everything twice changes nothing in any order'
);

select is(
  (
    select count(distinct to_jsonb(u) - '{id,external_id}'::text[])
    from public.users u
    where external_id like '%updated%'
  ),
  1::bigint,
  'the users of all these orders are equal in every column'
);

select is(
  (
    select count(distinct to_jsonb(o) - '{id,external_id}'::text[])
    from public.organizations o
    where external_id like '%updated%'
  ),
  1::bigint,
  'the organizations of all these orders are equal in every column'
);

select is(
  public.upsert_user('user_deleted_created', 'by hand'),
  'applied',
  'fields of a deleted user are still merged'
);

select results_eq(
  $$ select email, deleted_at from public.users where external_id = 'user_deleted_created' $$,
  $$ values ('by hand'::varchar, '2026-01-03'::timestamptz) $$,
  'a call by hand brings no deleted user back'
);

-- A membership event knows its organization and its user too, and cannot revive them either.
select public.delete_user('user_gone', p_event_at => '2026-01-03');
select public.delete_org('org_gone', p_event_at => '2026-01-03');
select public.set_membership(
  'org_gone', 'user_gone', p_organization_name => 'Gone', p_user_email => 'gone@example.test',
  p_event_at => '2026-01-05'
);

select results_eq(
  $$
  select u.deleted_at, o.deleted_at
  from public.users u, public.organizations o
  where u.external_id = 'user_gone'
    and o.external_id = 'org_gone'
  $$,
  $$ values ('2026-01-03'::timestamptz, '2026-01-03'::timestamptz) $$,
  'a membership that comes after the deletes of its parents makes them as deleted'
);

select * from finish();
rollback;
