-- upsert_org_with_owner: a whole snapshot of an organization becomes the row, and its creator the owner.
begin;
set local search_path = public, extensions;
select plan(14);

select public.upsert_user('user_a', 'a@example.test', p_updated_at => '2026-01-01', p_event_at => '2026-01-01');

select is(
  public.upsert_org_with_owner(
    'org_a', 'Acme', 'acme-tap', 'https://img.test/acme', 'user_a', true, '{"tier": 1}',
    p_created_at => '2026-01-01', p_updated_at => '2026-01-02', p_event_id => 'msg_1', p_event_at => '2026-01-03'
  ),
  'applied',
  'an organization that was never seen is applied'
);

select results_eq(
  $$
  select name, slug, logo_url, created_by, public_metadata, created_at, updated_at, deleted_at
  from public.organizations
  where external_id = 'org_a'
  $$,
  $$
  values (
    'Acme'::varchar, 'acme-tap'::varchar, 'https://img.test/acme'::varchar, 'user_a'::varchar, '{"tier": 1}'::jsonb,
    '2026-01-01'::timestamptz, '2026-01-02'::timestamptz, null::timestamptz
  )
  $$,
  'every parameter lands in its column'
);

select results_eq(
  $$
  select u.external_id, m.role, m.status, m.joined_at, m.external_id, m.clerk_role
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  join public.users u on u.id = m.user_id
  where o.external_id = 'org_a'
  $$,
  $$
  values (
    'user_a'::varchar, 'owner'::varchar, 'active'::varchar, '2026-01-01'::timestamptz, null::varchar, null::varchar
  )
  $$,
  'the creator becomes the owner, since the organization was created'
);

update public.organizations
set plan = 'pro',
    timezone = 'Europe/Rome'
where external_id = 'org_a';

select is(
  public.upsert_org_with_owner(
    'org_a', 'Acme Ltd', p_with_owner => false, p_updated_at => '2026-01-04', p_event_at => '2026-01-04'
  ),
  'applied',
  'a newer snapshot is applied'
);

select results_eq(
  $$ select name, slug, logo_url, public_metadata from public.organizations where external_id = 'org_a' $$,
  $$ values ('Acme Ltd'::varchar, null::varchar, null::varchar, '{}'::jsonb) $$,
  'what a newer snapshot leaves out is blanked'
);

select results_eq(
  $$ select created_by, created_at from public.organizations where external_id = 'org_a' $$,
  $$ values ('user_a'::varchar, '2026-01-01'::timestamptz) $$,
  'a snapshot without creator and created_at keeps those that are stored'
);

select results_eq(
  $$ select plan, timezone from public.organizations where external_id = 'org_a' $$,
  $$ values ('pro'::varchar, 'Europe/Rome'::varchar) $$,
  'plan and timezone are never written by the sync'
);

select is(
  public.upsert_org_with_owner(
    'org_a', 'Old', p_with_owner => false, p_updated_at => '2026-01-03', p_event_at => '2026-01-09'
  ),
  'stale',
  'an older snapshot is stale'
);

select public.upsert_org_with_owner('org_b', 'B', p_created_by => 'user_a', p_with_owner => false);

select is_empty(
  $$
  select
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  where o.external_id = 'org_b'
  $$,
  'p_with_owner false makes no member of the creator'
);

select lives_ok(
  $$ select public.upsert_org_with_owner('org_c', 'C', p_created_by => 'user_nobody_knows') $$,
  'a creator who is not there yet does not stop the organization'
);

select lives_ok(
  $$ select public.upsert_org_with_owner('org_d', 'D', p_slug => '', p_created_by => '') $$,
  'an empty slug and an empty creator count as none'
);

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.upsert_org_with_owner(null, 'Acme') $$, '23502', 'a missing id is refused'),
    ($$ select public.upsert_org_with_owner('', 'Acme') $$, '23514', 'an empty id is refused'),
    ($$ select public.upsert_org_with_owner('org_e', null) $$, '23502', 'a missing name is refused')
) as refused (call, code, what);

select * from finish();
rollback;
