-- sync_set_memberships: a page of memberships, by the rules of set_membership.
begin;
set local search_path = public, extensions;
select plan(13);

create function pg_temp.members()
returns table (organization varchar, "user" varchar, role varchar, status varchar, external_id varchar)
language sql
as $$
  select o.external_id, u.external_id, m.role, m.status, m.external_id
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  join public.users u on u.id = m.user_id
  where o.external_id in ('org_a', 'org_c')
  order by 1, 2;
$$;

select public.sync_upsert_users('[{"p_external_id": "user_a", "p_full_name": "Ada"}]');
select public.sync_upsert_orgs('[{"p_external_id": "org_a", "p_name": "A", "p_created_by": "user_a"}]');

select is(
  public.sync_set_memberships(
    '[{"p_external_id": "orgmem_a", "p_organization_external_id": "org_a", "p_user_external_id": "user_a",
       "p_role": "org:admin", "p_created_at": "2026-01-01", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02",
       "p_organization_name": "Other", "p_user_full_name": "Other"},
      {"p_external_id": "orgmem_b", "p_organization_external_id": "org_a", "p_user_external_id": "user_b",
       "p_role": "org:member", "p_user_email": "b@example.test"},
      {"p_external_id": "orgmem_c", "p_organization_external_id": "org_c", "p_user_external_id": "user_b",
       "p_organization_name": "C", "p_user_email": "b@example.test"}]'
  ),
  '{"applied": 3, "stale": 0}',
  'memberships that were never seen are applied'
);

select results_eq(
  'select * from pg_temp.members()',
  $$
  values
    ('org_a'::varchar, 'user_a'::varchar, 'owner'::varchar, 'active'::varchar, 'orgmem_a'::varchar),
    ('org_a', 'user_b', 'member', 'active', 'orgmem_b'),
    ('org_c', 'user_b', 'member', 'active', 'orgmem_c')
  $$,
  'each is a row, with the role of a creator and the default role'
);

select is((select full_name from public.users where external_id = 'user_a'), 'Ada', 'a known user is left alone');
select is((select name from public.organizations where external_id = 'org_a'), 'A', 'a known organization is left alone');
select is((select email from public.users where external_id = 'user_b'), 'b@example.test', 'an unknown user is made');
select is((select name from public.organizations where external_id = 'org_c'), 'C', 'an unknown organization is made');

select is(
  public.sync_set_memberships(
    '[{"p_external_id": "orgmem_a", "p_organization_external_id": "org_a", "p_user_external_id": "user_a",
       "p_role": "org:admin", "p_created_at": "2026-01-01", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"}]'
  ),
  '{"applied": 0, "stale": 1}',
  'the same state again applies nothing'
);

select public.remove_membership('org_a', p_external_id => 'orgmem_b');
select public.sync_set_memberships(
  '[{"p_external_id": "orgmem_b", "p_organization_external_id": "org_a", "p_user_external_id": "user_b"}]'
);
select is(
  (select count(*) from pg_temp.members() where external_id = 'orgmem_b'), 0::bigint, 'a removed member stays removed'
);

select public.sync_set_memberships(
  '[{"p_external_id": "orgmem_b2", "p_organization_external_id": "org_a", "p_user_external_id": "user_b",
     "p_role": "org:billing"},
    {"p_external_id": "orgmem_b3", "p_organization_external_id": "org_a", "p_user_external_id": "user_b",
     "p_created_at": "2020-01-01", "p_role": "org:admin"}]'
);
select is(
  (select role from pg_temp.members() where external_id = 'orgmem_b2'),
  'billing',
  'of two generations in one page the newest counts'
);

select public.sync_set_memberships('[{"p_external_id": "orgmem_c", "p_organization_external_id": "org_c", "p_role": "org:admin"}]');
select is(
  (select role from pg_temp.members() where external_id = 'orgmem_c'), 'admin', 'the user is known from the membership'
);

select public.sync_set_memberships('[{"p_organization_external_id": "org_c", "p_user_external_id": "user_b", "p_role": "org:x"}]');
select is(
  (select role from pg_temp.members() where external_id = 'orgmem_c'), 'x', 'without its id the newest of the pair is meant'
);

select throws_ok(
  $$
  select public.sync_set_memberships(
    '[{"p_external_id": "orgmem_c", "p_organization_external_id": "org_a", "p_user_external_id": "user_b"}]'
  )
  $$,
  '22023',
  null,
  'a membership that is another pair''s refuses the page'
);
select throws_ok(
  $$ select public.sync_set_memberships('[{"p_external_id": "orgmem_n", "p_user_external_id": "user_b"}]') $$,
  '23502',
  null,
  'a missing organization refuses the page'
);

select * from finish();
rollback;
