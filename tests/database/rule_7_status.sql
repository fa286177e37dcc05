-- Rule 7. A member is active unless the user or the organization is deleted, whatever came first. Each order of the
-- same facts is played to a pair of its own.
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
        perform public.upsert_user(v_user, 'a@example.test', p_event_at => '2026-01-01');
      when 'org' then
        perform public.upsert_org_with_owner(v_org, 'Acme', p_created_by => v_user, p_event_at => '2026-01-01');
      when 'member' then
        perform public.set_membership(
          v_org, v_user, p_external_id => 'orgmem_' || v_id, p_created_at => '2026-01-01', p_event_at => '2026-01-01'
        );
      when 'removed' then
        perform public.remove_membership(v_org, v_user, 'orgmem_' || v_id, '2026-01-01', p_event_at => '2026-01-02');
      when 'user_deleted' then
        perform public.delete_user(v_user, p_event_at => '2026-01-03');
      when 'org_deleted' then
        perform public.delete_org(v_org, p_event_at => '2026-01-03');
    end case;
  end loop;

  return coalesce(
    (
      select m.status
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
    ('{user,org,member}', 'active', 'a member of what exists is active in all 6 orders'),
    ('{member,user_deleted}', 'inactive',
      'a deleted user is an inactive member in both orders, though nothing else is known'),
    ('{member,org_deleted}', 'inactive',
      'a member of a deleted organization is inactive in both orders, though nothing else is known'),
    ('{user,org,member,user_deleted}', 'inactive', 'a deleted user is an inactive member in all 24 orders'),
    ('{user,org,member,org_deleted}', 'inactive', 'a member of a deleted organization is inactive in all 24 orders'),
    ('{user,org,user_deleted}', 'inactive', 'an owner who was deleted is inactive in all 6 orders'),
    ('{user,org,org_deleted}', 'inactive', 'the owner of a deleted organization is inactive in all 6 orders'),
    ('{user,org,member,user_deleted,org_deleted}', 'inactive',
      'a member whose user and organization are deleted is inactive in all 120 orders'),
    ('{org,member,removed,org_deleted}', 'no member', 'a removal holds in a deleted organization too, in all 24 orders')
) as told (facts, ending, what);

select public.upsert_user('user_hand');
select public.upsert_org_with_owner('org_hand', 'By hand');
insert into public.organization_members (organization_id, user_id)
select o.id, u.id
from public.organizations o, public.users u
where o.external_id = 'org_hand'
  and u.external_id = 'user_hand';
select public.delete_user('user_hand');
select is(
  (select m.status from public.organization_members m join public.users u on u.id = m.user_id where u.external_id = 'user_hand'),
  'inactive',
  'a row that was written by hand ends with its user, too'
);

select * from finish();
rollback;
