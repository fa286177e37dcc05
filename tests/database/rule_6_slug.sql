-- Rule 6. A slug is held by the newest claim of a living organization. Who holds it follows from the claims alone, and
-- no event is wedged by a unique violation. Each order of the same facts is played to a slug of its own.
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

create function pg_temp.play(p_facts text[])
returns text
language plpgsql
as $$
declare
  v_id text := array_to_string(p_facts, '_');
  v_slug text := 'slug-' || v_id;
  v_other text := 'other-' || v_id;
  v_fact text;
begin
  foreach v_fact in array p_facts loop
    case v_fact
      when 'a_claims' then
        perform public.upsert_org_with_owner(
          'org_a_' || v_id, 'A', v_slug, p_created_at => '2026-01-01', p_updated_at => '2026-01-01',
          p_event_at => '2026-01-01'
        );
      when 'b_claims' then
        perform public.upsert_org_with_owner(
          'org_b_' || v_id, 'B', v_slug, p_created_at => '2026-01-01', p_updated_at => '2026-01-02',
          p_event_at => '2026-01-02'
        );
      when 'a_yields' then
        perform public.upsert_org_with_owner(
          'org_a_' || v_id, 'A', v_other, p_created_at => '2026-01-01', p_updated_at => '2026-01-03',
          p_event_at => '2026-01-03'
        );
      when 'b_yields' then
        perform public.upsert_org_with_owner(
          'org_b_' || v_id, 'B', v_other, p_created_at => '2026-01-01', p_updated_at => '2026-01-04',
          p_event_at => '2026-01-04'
        );
      when 'a_again' then
        perform public.upsert_org_with_owner(
          'org_a_' || v_id, 'A', v_slug, p_created_at => '2026-01-01', p_updated_at => '2026-01-05',
          p_event_at => '2026-01-05'
        );
      when 'a_deleted' then
        perform public.delete_org('org_a_' || v_id, p_event_at => '2026-01-06');
      when 'b_deleted' then
        perform public.delete_org('org_b_' || v_id, p_event_at => '2026-01-06');
      when 'stub_claims' then
        perform public.set_membership(
          'org_c_' || v_id, 'user_c', p_organization_name => 'C', p_organization_slug => v_slug,
          p_event_at => '2026-01-07'
        );
    end case;
  end loop;

  return (
    select string_agg(name || ' ' || coalesce(split_part(slug, '-', 1), 'none'), ', ' order by name)
    from public.organizations
    where external_id like 'org\__\_' || v_id
  );
end;
$$;

select pg_temp.ends_alike(facts, ending, what)
from (
  values
    ('{a_claims,b_claims}', 'A none, B slug', 'the newer claim holds the slug in both orders'),
    ('{a_claims,b_claims,b_deleted}', 'A slug, B none',
      'a deleted organization gives its slug back to the older claim in all 6 orders'),
    ('{a_claims,b_claims,a_deleted,b_deleted}', 'A none, B none',
      'a slug that only deleted organizations claim is free in all 24 orders'),
    ('{a_claims,b_claims,b_yields}', 'A slug, B other',
      'a renamed organization gives its slug back to the older claim in all 6 orders'),
    ('{a_claims,b_claims,a_yields}', 'A other, B slug',
      'a claim that its organization gave up comes too late in all 6 orders'),
    ('{a_claims,b_claims,a_yields,b_yields}', 'A none, B other',
      'two organizations that move on to one slug contest it anew in all 24 orders'),
    ('{a_claims,a_yields,b_claims,b_yields,a_again}', 'A slug, B other',
      'slugs that change hands end with their last claims in all 120 orders')
) as told (facts, ending, what);

select set_eq(
  $$ select pg_temp.play(facts || facts) from pg_temp.orders_of('{a_claims,b_claims,b_yields,a_deleted}') as facts $$,
  array['A none, B other'],
  'telling everything twice changes nothing in any of 24 orders'
);

select pg_temp.ends_alike(
  '{a_claims,stub_claims}', 'A slug, C none',
  'the claim of a stub is older than that of any snapshot, in both orders'
);

select is(
  (
    select count(*)
    from (
      select distinct to_jsonb(o) - '{id,external_id,slug}'::text[]
      from public.organizations o
      where external_id like '%a\_again%'
    ) as states
  ),
  2::bigint,
  'each of the two organizations is equal in every other column after all orders'
);

-- Two organizations that exchange their slugs, the second of the events first.
select public.upsert_org_with_owner('org_x', 'X', 'contested-x', p_updated_at => '2026-01-01');
select public.upsert_org_with_owner('org_y', 'Y', 'contested-y', p_updated_at => '2026-01-01');
select public.upsert_org_with_owner('org_x', 'X', 'contested-y', p_updated_at => '2026-01-03');
select public.upsert_org_with_owner('org_y', 'Y', 'contested-x', p_updated_at => '2026-01-02');

select set_eq(
  $$ select external_id, slug from public.organizations where external_id in ('org_x', 'org_y') $$,
  $$ values ('org_x'::varchar, 'contested-y'::varchar), ('org_y', 'contested-x') $$,
  'organizations can exchange their slugs'
);

select public.upsert_org_with_owner('org_no_slug_' || n, 'No slug', '') from generate_series(1, 2) as n;

select is(
  (select count(*) from public.organizations where external_id like 'org\_no\_slug\__' and slug is null),
  2::bigint,
  'an empty slug is none, which many may have'
);

select * from finish();
rollback;
