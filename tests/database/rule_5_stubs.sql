-- Rule 5. Nothing waits for a retry: a membership event brings its organization and its user along as stubs, which any
-- snapshot of their own overrides. Each order of the same facts is played to objects of its own.
begin;
set local search_path = public, extensions;
select plan(14);

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

-- The stubs are newer than the snapshots, and still know less.
create function pg_temp.play(p_facts text[])
returns text
language plpgsql
as $$
declare
  v_id text := array_to_string(p_facts, '_');
  v_org text := 'org_' || v_id;
  v_user text := 'user_' || v_id;
  v_fact text;
begin
  foreach v_fact in array p_facts loop
    case v_fact
      when 'user' then
        perform public.upsert_user(
          v_user, 'snapshot', p_created_at => '2026-01-01', p_updated_at => '2026-01-01', p_event_at => '2026-01-01'
        );
      when 'org' then
        perform public.upsert_org_with_owner(
          v_org, 'snapshot', p_created_at => '2026-01-01', p_updated_at => '2026-01-01', p_event_at => '2026-01-01'
        );
      when 'older_stub' then
        perform public.set_membership(
          v_org, v_user, 'org:member', 'orgmem_' || v_id, '2026-01-02', '2026-01-02',
          p_organization_name => 'older stub', p_user_email => 'older stub', p_event_at => '2026-01-02'
        );
      -- Of its membership it tells nothing new.
      when 'newer_stub' then
        perform public.set_membership(
          v_org, v_user, 'org:member', 'orgmem_' || v_id, '2026-01-02', '2026-01-02',
          p_organization_name => 'newer stub', p_user_email => 'newer stub', p_event_at => '2026-01-03'
        );
      when 'leaving_stub' then
        perform public.remove_membership(
          v_org, v_user, 'orgmem_other_' || v_id, '2026-01-01', p_organization_name => 'leaving stub',
          p_user_email => 'leaving stub', p_event_at => '2026-01-04'
        );
      when 'ids' then
        perform public.set_membership(
          v_org, v_user, 'org:member', 'orgmem_' || v_id, '2026-01-02', '2026-01-02', p_event_at => '2026-01-05'
        );
    end case;
  end loop;

  return (
    select format('%s, %s, %s', u.email, o.name, coalesce(m.role, 'no member'))
    from public.users u
    cross join public.organizations o
    left join public.organization_members m on m.organization_id = o.id and m.user_id = u.id
    where u.external_id = v_user
      and o.external_id = v_org
  );
end;
$$;

select is(
  pg_temp.play('{older_stub}'),
  'older stub, older stub, member',
  'a membership makes its organization, its user and the member at once'
);

select pg_temp.ends_alike(facts, ending, what)
from (
  values
    ('{user,org,older_stub}', 'snapshot, snapshot, member', 'snapshots override stubs that are newer, in all 6 orders'),
    ('{older_stub,newer_stub}', 'newer stub, newer stub, member',
      'of two stubs the newer event wins in both orders, a stale one too'),
    ('{older_stub,newer_stub,leaving_stub}', 'leaving stub, leaving stub, member',
      'an event that removes a membership brings stubs too, in all 6 orders'),
    ('{ids,older_stub}', 'older stub, older stub, member',
      'an event that tells no more than the ids overrides no stub, in both orders'),
    ('{user,org,older_stub,newer_stub,leaving_stub}', 'snapshot, snapshot, member',
      'snapshots and stubs end equal in all 120 orders')
) as told (facts, ending, what);

select is(
  (
    select count(distinct to_jsonb(u) - '{id,external_id}'::text[])
    from public.users u
    where external_id ~ '_stub' and external_id ~ '_user' and external_id ~ '_org'
  ),
  1::bigint,
  'the users that have a snapshot are equal in every column'
);

select is(
  (
    select count(distinct to_jsonb(o) - '{id,external_id}'::text[])
    from public.organizations o
    where external_id ~ '_stub' and external_id ~ '_user' and external_id ~ '_org'
  ),
  1::bigint,
  'the organizations that have a snapshot are equal in every column'
);

select is(
  (
    select count(distinct (to_jsonb(u) - '{id,external_id}'::text[], to_jsonb(o) - '{id,external_id}'::text[]))
    from public.organization_members m
    join public.organizations o on o.id = m.organization_id
    join public.users u on u.id = m.user_id
    where u.email = 'leaving stub'
  ),
  1::bigint,
  'users and organizations that are stubs after all orders are equal in every column'
);

select public.set_membership('org_bare', 'user_bare');

select results_eq(
  $$
  select u.email, o.name
  from public.users u, public.organizations o
  where u.external_id = 'user_bare'
    and o.external_id = 'org_bare'
  $$,
  $$ values (''::varchar, 'org_bare'::varchar) $$,
  'of an organization that nothing tells of the id is the name'
);

select public.remove_membership(
  'org_new', 'user_new', 'orgmem_new', p_organization_name => 'New', p_user_email => 'new@example.test'
);

select is(
  (select email from public.users where external_id = 'user_new'),
  'new@example.test',
  'a removal too makes the user whom nobody knew'
);

-- The membership is known before its user is.
select public.set_membership('org_a', null, 'org:admin', 'orgmem_a', '2026-01-01', '2026-01-02');
select public.set_membership('org_a', 'user_a', 'org:member', 'orgmem_a', '2026-01-01', '2026-01-01');

select is(
  (select role from public.organization_members where external_id = 'orgmem_a'),
  'admin',
  'a state that named no user is remembered until the user is known'
);

-- Two organizations wait for their creator, who is a member of a third.
select public.upsert_org_with_owner('org_c', 'C', p_created_by => 'user_late');
select public.upsert_org_with_owner('org_d', 'D', p_created_by => 'user_late');
select public.set_membership('org_e', 'user_late', p_external_id => 'orgmem_e');

select results_eq(
  $$
  select o.external_id, m.role
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  join public.users u on u.id = m.user_id
  where u.external_id = 'user_late'
  order by o.external_id
  $$,
  $$ values ('org_c'::varchar, 'owner'::varchar), ('org_d', 'owner'), ('org_e', 'member') $$,
  'a user who appears as a stub brings along what waited in other organizations'
);

-- A membership that says no more than its ids makes stubs too, and the newest of these wins as well.
select public.set_membership('org_bare', 'user_early_late', p_event_id => 'bare_1', p_event_at => '2026-01-01');
select public.set_membership('org_bare_2', 'user_early_late', p_event_id => 'bare_2', p_event_at => '2026-01-02');
select public.set_membership('org_bare_2', 'user_late_early', p_event_id => 'bare_3', p_event_at => '2026-01-02');
select public.set_membership('org_bare', 'user_late_early', p_event_id => 'bare_4', p_event_at => '2026-01-01');

select is(
  (select count(distinct created_at) from public.users where external_id in ('user_early_late', 'user_late_early')),
  1::bigint,
  'stubs of which only the id is known do not show the order of arrival'
);

select * from finish();
rollback;
