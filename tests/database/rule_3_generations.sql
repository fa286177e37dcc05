-- Rule 3. Leaving and rejoining makes a new generation; a pair has the state of its newest one, by created_at and id.
-- Each order of the same facts is played to a pair of its own.
begin;
set local search_path = public, extensions;
select plan(12);

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

-- The id of the newer generation is the lesser one, and the organization is younger than its first membership.
create function pg_temp.play(p_facts text[])
returns text
language plpgsql
as $$
declare
  v_id text := array_to_string(p_facts, '_');
  v_org text := 'org_' || v_id;
  v_user text := 'user_' || v_id;
  v_one text := 'orgmem_1_' || v_id;
  v_two text := 'orgmem_0_' || v_id;
  v_twin text := 'orgmem_2_' || v_id;
  v_fact text;
begin
  foreach v_fact in array p_facts loop
    case v_fact
      when 'founded' then
        perform public.upsert_org_with_owner(
          v_org, 'Acme', p_created_by => v_user, p_created_at => '2026-01-02', p_updated_at => '2026-01-02',
          p_event_at => '2026-01-02'
        );
      when 'joined' then
        perform public.set_membership(
          v_org, v_user, 'org:member', v_one, '2026-01-01', '2026-01-01', p_event_at => '2026-01-01'
        );
      when 'promoted' then
        perform public.set_membership(
          v_org, v_user, 'org:billing', v_one, '2026-01-01', '2026-01-02', p_event_at => '2026-01-08'
        );
      when 'untimed' then
        perform public.set_membership(v_org, v_user, 'org:billing', v_one, p_event_at => '2026-01-08');
      when 'left' then
        perform public.remove_membership(v_org, v_user, v_one, '2026-01-01', p_event_at => '2026-01-03');
      when 'left_by_id' then
        perform public.remove_membership(v_org, null, v_one, p_event_at => '2026-01-03');
      when 'rejoined' then
        perform public.set_membership(
          v_org, v_user, 'org:guest', v_two, '2026-01-04', '2026-01-04', p_event_at => '2026-01-04'
        );
      when 'left_again' then
        perform public.remove_membership(v_org, v_user, v_two, '2026-01-04', p_event_at => '2026-01-05');
      -- Of the same instant as the first: only the ids differ.
      when 'twin' then
        perform public.set_membership(
          v_org, v_user, 'org:twin', v_twin, '2026-01-01', '2026-01-01', p_event_at => '2026-01-01'
        );
    end case;
  end loop;

  return coalesce(
    (
      select format('%s %s since %s', m.role, split_part(m.external_id, '_', 2), joined_at::date)
      from public.organization_members m
      join public.organizations o on o.id = m.organization_id
      join public.users u on u.id = m.user_id
      where o.external_id = v_org
        and u.external_id = v_user
    ),
    'no member'
  );
end;
$$;

select pg_temp.ends_alike(facts, ending, what)
from (
  values
    ('{joined,promoted,left}', 'no member', 'within a generation a removal is terminal in all 6 orders'),
    ('{joined,promoted,left,rejoined}', 'guest 0 since 2026-01-04',
      'whoever rejoined is a member in all 24 orders, for a late word on the older generation changes nothing'),
    ('{joined,left,rejoined,left_again}', 'no member', 'whoever left again is no member in any of 24 orders'),
    ('{joined,left_by_id}', 'no member', 'a removal that names no user finds its membership in both orders'),
    ('{joined,left_by_id,rejoined}', 'guest 0 since 2026-01-04',
      'a removal that names no user and no time leaves the newer generation in all 6 orders'),
    ('{left,rejoined}', 'guest 0 since 2026-01-04',
      'a removal of what was never seen leaves the newer generation in both orders'),
    ('{joined,twin}', 'twin 2 since 2026-01-01',
      'of two generations of one instant the greater id is the newer, in both orders'),
    ('{joined,untimed,rejoined}', 'guest 0 since 2026-01-04',
      'a generation keeps its created_at when a later state leaves it out, in all 6 orders'),
    ('{founded,joined}', 'member 1 since 2026-01-01',
      'a membership of its own supersedes that of the founding, though it be older, in both orders'),
    ('{founded,joined,left}', 'no member', 'a founder who left is no member in any of 6 orders')
) as told (facts, ending, what);

select set_eq(
  $$ select pg_temp.play(facts || facts) from pg_temp.orders_of('{founded,joined,left,rejoined}') as facts $$,
  array['guest 0 since 2026-01-04'],
  'telling everything twice changes nothing in any of 24 orders'
);

select is(
  (
    select count(distinct to_jsonb(m) - '{id,external_id,organization_id,user_id}'::text[])
    from public.organization_members m
    where external_id like 'orgmem_0_%rejoined%'
  ),
  1::bigint,
  'the members of all orders are equal in every column'
);

select * from finish();
rollback;
