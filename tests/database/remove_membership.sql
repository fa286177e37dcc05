-- remove_membership: the row goes, and no late event brings that membership back.
begin;
set local search_path = public, extensions;
select plan(17);

create temporary view member as
select o.external_id as organization, u.external_id as "user", m.external_id
from public.organization_members m
join public.organizations o on o.id = m.organization_id
join public.users u on u.id = m.user_id;

select public.set_membership(
  'org_a', 'user_' || n, p_external_id => 'orgmem_' || n, p_created_at => '2026-01-01', p_updated_at => '2026-01-01',
  p_event_at => '2026-01-01'
)
from generate_series(1, 4) as n;

select is(
  public.remove_membership('org_a', 'user_1', 'orgmem_1', p_event_at => '2026-01-03'),
  'applied',
  'the removal of a member is applied'
);

select is_empty(
  $$ select from member where "user" = 'user_1' $$,
  'a removed member has no row'
);

select is(
  public.remove_membership('org_a', 'user_1', 'orgmem_1', p_event_at => '2026-01-04'),
  'stale',
  'a second removal is stale'
);

select is(
  public.set_membership(
    'org_a', 'user_1', p_external_id => 'orgmem_1', p_updated_at => '2026-01-05', p_event_at => '2026-01-05'
  ),
  'stale',
  'whatever a removed membership still says is stale'
);

select public.remove_membership('org_a', null, 'orgmem_2', p_event_at => '2026-01-03');

select is_empty(
  $$ select from member where "user" = 'user_2' $$,
  'the membership id alone is enough to remove'
);

select public.remove_membership('org_a', 'user_3', p_event_at => '2026-01-03');

select is_empty(
  $$ select from member where "user" = 'user_3' $$,
  'the pair alone is enough to remove by hand'
);

select is(
  public.remove_membership('org_a', 'user_4', 'orgmem_0', '2025-12-01', p_event_at => '2026-01-03'),
  'stale',
  'the removal of an older membership of the pair is stale'
);

select is(
  public.remove_membership('org_a', null, 'orgmem_never_seen', p_event_at => '2026-01-03'),
  'applied',
  'the removal of a membership that was never seen is remembered'
);

select public.remove_membership('org_a', 'user_5');

select is(
  public.set_membership('org_a', 'user_5', p_external_id => 'orgmem_5', p_event_at => '2026-01-04'),
  'applied',
  'a membership id that Clerk gives after a removal by hand makes the user a member'
);

select is(
  public.set_membership(
    'org_a', 'user_1', p_external_id => 'orgmem_6', p_created_at => '2026-01-06', p_event_at => '2026-01-06'
  ),
  'applied',
  'whoever was removed rejoins by a new membership id'
);

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.remove_membership('org_a') $$, '22023', 'neither the membership nor the user named is refused'),
    ($$ select public.remove_membership(null, null, 'orgmem_7') $$, '23502', 'a missing organization id is refused'),
    ($$ select public.remove_membership('', 'user_1') $$, '23514', 'an empty organization id is refused')
) as refused (call, code, what);

select public.set_membership('org_known', 'user_known', p_external_id => 'orgmem_known');

select throws_ok(
  $$ select public.remove_membership('org_known', 'user_other', 'orgmem_known') $$,
  '22023',
  null,
  'a membership id of another user is refused'
);

select is(
  public.remove_membership('org_known', 'user_known', 'orgmem_known'),
  'applied',
  'a refused removal leaves the membership to be removed'
);

select public.set_membership(
  'org_rejoined', 'user_rejoined', p_external_id => 'orgmem_second', p_created_at => '2026-02-01',
  p_event_at => '2026-02-01'
);

select is(
  public.remove_membership('org_rejoined', 'user_rejoined', 'orgmem_first', p_event_at => '2026-03-01'),
  'stale',
  'a removal that does not say when the membership began outranks no membership'
);

select isnt_empty(
  $$ select from public.organization_members where external_id = 'orgmem_second' $$,
  'the membership that the late removal did not mean stays'
);

select * from finish();
rollback;
