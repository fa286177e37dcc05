-- set_membership: makes a user a member of an organization, or changes the role.
begin;
set local search_path = public, extensions;
select plan(18);

select public.upsert_user('user_a', 'a@example.test', p_updated_at => '2026-01-01', p_event_at => '2026-01-01');
select public.upsert_org_with_owner('org_a', 'Acme', p_updated_at => '2026-01-01', p_event_at => '2026-01-01');

create temporary view member as
select o.external_id as organization, u.external_id as "user", m.*
from public.organization_members m
join public.organizations o on o.id = m.organization_id
join public.users u on u.id = m.user_id;

select is(
  public.set_membership(
    'org_a', 'user_a', 'org:member', 'orgmem_1',
    p_created_at => '2026-01-02', p_updated_at => '2026-01-03', p_event_id => 'msg_1', p_event_at => '2026-01-04'
  ),
  'applied',
  'a membership that was never seen is applied'
);

select results_eq(
  $$
  select external_id, clerk_role, role, status, joined_at, updated_at
  from member
  where organization = 'org_a' and "user" = 'user_a'
  $$,
  $$
  values (
    'orgmem_1'::varchar, 'org:member'::varchar, 'member'::varchar, 'active'::varchar, '2026-01-02'::timestamptz,
    '2026-01-03'::timestamptz
  )
  $$,
  'every parameter lands in its column'
);

select is(
  public.set_membership(
    'org_a', 'user_a', 'org:admin', 'orgmem_1',
    p_created_at => '2026-01-02', p_updated_at => '2026-01-05', p_event_at => '2026-01-05'
  ),
  'applied',
  'a newer state is applied'
);

select is(
  public.set_membership(
    'org_a', 'user_a', 'org:member', 'orgmem_1',
    p_created_at => '2026-01-02', p_updated_at => '2026-01-04', p_event_at => '2026-01-09'
  ),
  'stale',
  'an older state is stale'
);

select is(
  public.set_membership(
    'org_a', 'user_a', 'org:guest', 'orgmem_0',
    p_created_at => '2026-01-01', p_updated_at => '2026-01-09', p_event_at => '2026-01-09'
  ),
  'stale',
  'a state of an older membership of the pair is stale'
);

select public.set_membership('org_a', 'user_a', 'org:billing');

select results_eq(
  $$ select external_id, role from member where organization = 'org_a' $$,
  $$ values ('orgmem_1'::varchar, 'billing'::varchar) $$,
  'a call by hand without the membership id changes the newest membership of the pair'
);

select is(
  public.set_membership('org_new', 'user_new'),
  'applied',
  'a call by hand with nothing but the two ids is applied'
);

select results_eq(
  $$ select external_id, clerk_role, role, status from member where organization = 'org_new' $$,
  $$ values (null::varchar, 'org:member'::varchar, 'member'::varchar, 'active'::varchar) $$,
  'a call by hand makes a member without a membership id'
);

select is(
  public.set_membership('org_b', null, 'org:admin', 'orgmem_nobody', p_event_at => '2026-01-04'),
  'applied',
  'a membership whose user nobody knows is remembered'
);

select is_empty(
  $$ select from member where organization = 'org_b' $$,
  'a membership whose user nobody knows makes no member'
);

select public.set_membership('org_a', null, 'org:admin', 'orgmem_1');

select is(
  (select role from member where external_id = 'orgmem_1'),
  'admin',
  'without a user the membership is found by its id'
);

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.set_membership('org_a', null) $$, '22023', 'neither the membership nor the user named is refused'),
    ($$ select public.set_membership(null, 'user_a') $$, '23502', 'a missing organization id is refused'),
    ($$ select public.set_membership('', 'user_a') $$, '23514', 'an empty organization id is refused'),
    ($$ select public.set_membership('org_a', '') $$, '23514', 'an empty user id is refused'),
    ($$ select public.set_membership('org_a', 'user_a', p_external_id => '') $$,
      '23514', 'an empty membership id is refused')
) as refused (call, code, what);

select public.set_membership('org_known', 'user_known', p_external_id => 'orgmem_known');

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.set_membership('org_known', 'user_other', p_external_id => 'orgmem_known') $$,
      '22023', 'a membership id of another user is refused'),
    ($$ select public.set_membership('org_other', 'user_known', p_external_id => 'orgmem_known') $$,
      '22023', 'a membership id of another organization is refused')
) as refused (call, code, what);

select * from finish();
rollback;
