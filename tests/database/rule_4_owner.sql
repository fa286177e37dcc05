-- Rule 4. The creator of an organization is its owner while the membership has an admin role. The role is a function of
-- Clerk's key and of who created it, so no order of arrival shows.
begin;
set local search_path = public, extensions;
select plan(19);

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
  v_orgmem text := 'orgmem_' || v_id;
  v_fact text;
begin
  foreach v_fact in array p_facts loop
    case v_fact
      when 'user' then
        perform public.upsert_user(v_user, 'a@example.test', p_updated_at => '2026-01-01', p_event_at => '2026-01-01');
      when 'org' then
        perform public.upsert_org_with_owner(
          v_org, 'Acme', p_created_by => v_user, p_updated_at => '2026-01-01', p_event_at => '2026-01-01'
        );
      when 'renamed' then
        perform public.upsert_org_with_owner(
          v_org, 'Acme', p_created_by => v_user, p_with_owner => false, p_updated_at => '2026-01-02',
          p_event_at => '2026-01-02'
        );
      when 'silent' then
        perform public.upsert_org_with_owner(
          v_org, 'Acme', p_with_owner => false, p_updated_at => '2026-01-03', p_event_at => '2026-01-03'
        );
      when 'foreign' then
        perform public.upsert_org_with_owner(
          v_org, 'Acme', p_created_by => 'user_else', p_updated_at => '2026-01-01', p_event_at => '2026-01-01'
        );
      when 'admin' then
        perform public.set_membership(
          v_org, v_user, 'org:admin', v_orgmem, '2026-01-01', '2026-01-01', p_event_at => '2026-01-01'
        );
      when 'old_key' then
        perform public.set_membership(
          v_org, v_user, 'admin', v_orgmem, '2026-01-01', '2026-01-01', p_event_at => '2026-01-01'
        );
      when 'named_owner' then
        perform public.set_membership(
          v_org, v_user, 'org:owner', v_orgmem, '2026-01-01', '2026-01-02', p_event_at => '2026-01-02'
        );
      when 'by_hand' then
        perform public.set_membership(v_org, v_user, 'org:billing', p_event_at => '2026-01-01');
      when 'demoted' then
        perform public.set_membership(
          v_org, v_user, 'org:member', v_orgmem, '2026-01-01', '2026-01-02', p_event_at => '2026-01-02'
        );
      when 'promoted' then
        perform public.set_membership(
          v_org, v_user, 'org:admin', v_orgmem, '2026-01-01', '2026-01-03', p_event_at => '2026-01-03'
        );
    end case;
  end loop;

  return coalesce(
    (
      select role
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

select is(pg_temp.play('{org}'), 'no member', 'a creator who is not there yet is no member');

select pg_temp.ends_alike(facts, ending, what)
from (
  values
    ('{user,org}', 'owner', 'the creator is owner without any membership event, in both orders'),
    ('{user,org,admin}', 'owner', 'a creator with an admin role is owner in all 6 orders'),
    ('{user,org,admin,demoted}', 'member', 'a creator who was demoted is owner in none of 24 orders'),
    ('{user,org,admin,demoted,promoted}', 'owner', 'a creator who was promoted again is owner in all 120 orders'),
    ('{admin,renamed,silent}', 'owner',
      'an organization whose newest state names no creator keeps the one that it had, in all 6 orders'),
    ('{user,renamed}', 'no member', 'an update of the organization makes no member of its creator, in both orders'),
    ('{user,foreign,admin}', 'admin', 'an admin who is not the creator is no owner in any of 6 orders'),
    ('{foreign,renamed,admin}', 'owner', 'the newest state that names a creator decides in all 6 orders'),
    ('{org,old_key}', 'owner', 'a creator with the older key of an admin is owner in both orders'),
    ('{org,by_hand}', 'billing', 'a role that was given by hand is more than the founding tells, in both orders')
) as told (facts, ending, what);

select is(
  (
    select count(distinct to_jsonb(m) - '{id,external_id,organization_id,user_id}'::text[])
    from public.organization_members m
    where external_id like '%promoted%'
  ),
  1::bigint,
  'the members of all orders are equal in every column'
);

select is_empty(
  $$
  select
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  join public.users u on u.id = m.user_id
  where m.role = 'owner'
    and u.external_id is distinct from o.created_by
  $$,
  'nobody but the creator is owner'
);

-- The creator comes to be known after the membership: by a membership event, then by the organization itself.
select public.set_membership(
  'org_a', 'user_a', 'org:admin', 'orgmem_a', p_organization_name => 'Acme', p_event_at => '2026-01-01'
);
select public.set_membership(
  'org_a', 'user_b', 'org:admin', 'orgmem_b', p_organization_name => 'Acme', p_organization_created_by => 'user_a',
  p_event_at => '2026-01-02'
);

select results_eq(
  $$ select role from public.organization_members where external_id in ('orgmem_a', 'orgmem_b') order by external_id $$,
  '{owner,admin}'::varchar[],
  'a creator whom another member''s event names becomes owner'
);

select public.upsert_org_with_owner('org_a', 'Acme', p_created_by => 'user_b', p_event_at => '2026-01-01');

select results_eq(
  $$ select role from public.organization_members where external_id in ('orgmem_a', 'orgmem_b') order by external_id $$,
  '{admin,owner}'::varchar[],
  'the creator whom the organization itself names overrides the one whom a member''s event named'
);

select public.set_membership('org_keys', 'user_' || key, key)
from unnest('{admin,basic_member,org:member,org:billing_manager,custom,org:owner,owner}'::text[]) as key;

select results_eq(
  $$
  select m.clerk_role, m.role
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  where o.external_id = 'org_keys'
  order by clerk_role collate "C"
  $$,
  $$
  values
    ('admin'::varchar, 'admin'::varchar),
    ('basic_member', 'member'),
    ('custom', 'custom'),
    ('org:billing_manager', 'billing_manager'),
    ('org:member', 'member'),
    ('org:owner', 'org:owner'),
    ('owner', 'org:owner')
  $$,
  'any other role is Clerk''s key without org:, basic_member is member, and a role that is named owner is no owner'
);

select public.upsert_user('user_' || key) from unnest('{org:owner,owner}'::text[]) as key;
select set_config('request.jwt.claims', '{"sub": "user_org:owner", "role": "authenticated"}', true);

select is(
  (
    select array[public.is_member_of(id), public.is_owner_of(id), public.is_admin_of(id)]
    from public.organizations
    where external_id = 'org_keys'
  ),
  '{true,false,false}',
  'a role that is named owner in Clerk gives no right of an owner'
);

select pg_temp.ends_alike(
  '{user,org,admin,named_owner}', 'org:owner',
  'a creator whose role is named owner is none, in all 24 orders'
);

select public.set_membership(
  'org_keys', 'user_named', 'org:owner', 'orgmem_named', '2026-01-01', '2026-01-01', p_event_at => '2026-01-01'
);

select is_empty(
  $$
  select *
  from public.sync_compare_memberships(
    '[{
      "p_organization_external_id": "org_keys", "p_user_external_id": "user_named", "p_role": "org:owner",
      "p_external_id": "orgmem_named", "p_created_at": "2026-01-01", "p_updated_at": "2026-01-01"
    }]'
  )
  $$,
  'and a comparison finds nothing wrong with it'
);

select * from finish();
rollback;
