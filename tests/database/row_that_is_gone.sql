-- A row that somebody deleted comes back with what is told next, whatever its register says.
begin;
set local search_path = public, extensions;
select plan(19);

select public.upsert_user('user_gone_' || n, n || '@example.test', p_updated_at => '2026-01-02', p_event_at => '2026-01-02')
from unnest('{a,b,c}'::text[]) n;
select public.upsert_org_with_owner(
  'org_gone_' || n, 'Gone ' || n, p_created_by => 'user_gone_a', p_slug => 'gone-' || n, p_created_at => '2026-01-01',
  p_updated_at => '2026-01-02', p_event_at => '2026-01-02'
)
from unnest('{a,b}'::text[]) n;
select public.set_membership(
  'org_gone_a', 'user_gone_b', 'org:admin', 'orgmem_gone', p_created_at => '2026-01-01', p_updated_at => '2026-01-02',
  p_event_at => '2026-01-02'
);

create temporary view member as
select u.external_id as "user", m.role, m.external_id
from public.organization_members m
join public.organizations o on o.id = m.organization_id
join public.users u on u.id = m.user_id
where o.external_id = 'org_gone_a';

truncate public.users, public.public_user_data, public.organizations, public.organization_members;

select is(
  public.upsert_user('user_gone_a', 'old@example.test', p_updated_at => '2026-01-01', p_event_at => '2026-01-01'),
  'applied',
  'an older state of a user who has no row is applied'
);
select results_eq(
  $$ select email from public.users where external_id = 'user_gone_a' $$,
  $$ values ('old@example.test'::varchar) $$,
  'and makes the row'
);
select is(
  public.upsert_user('user_gone_a', 'a@example.test', p_updated_at => '2026-01-02', p_event_at => '2026-01-02'),
  'applied',
  'the newest state is then newer than the row, though the register knew it'
);
select is(
  public.upsert_user('user_gone_a', 'old@example.test', p_updated_at => '2026-01-01', p_event_at => '2026-01-01'),
  'stale',
  'and the older one stale again'
);

select is(
  public.upsert_org_with_owner(
    'org_gone_a', 'Gone a', 'gone-a', p_created_by => 'user_gone_a', p_created_at => '2026-01-01',
    p_updated_at => '2026-01-02', p_event_at => '2026-01-02'
  ),
  'applied',
  'an organization that has no row is applied'
);
select results_eq(
  $$ select name, slug, created_by from public.organizations where external_id = 'org_gone_a' $$,
  $$ values ('Gone a'::varchar, 'gone-a'::varchar, 'user_gone_a'::varchar) $$,
  'with its slug and its creator'
);
select results_eq(
  $$ select "user", role from member $$,
  $$ values ('user_gone_a'::varchar, 'owner'::varchar) $$,
  'and its owner is a member again'
);

select is(
  public.sync_upsert_users('[
    {"p_external_id": "user_gone_a", "p_email": "a@example.test", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"},
    {"p_external_id": "user_gone_b", "p_email": "b@example.test", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"}
  ]'),
  '{"applied": 1, "stale": 1}',
  'a page makes the rows that are gone'
);
select results_eq(
  $$ select "user", role, external_id from member order by 1 $$,
  $$
  values
    ('user_gone_a'::varchar, 'owner'::varchar, null::varchar),
    ('user_gone_b', 'admin', 'orgmem_gone')
  $$,
  'whoever comes back is a member again'
);

delete from public.organization_members where true;
select is(
  public.sync_set_memberships('[{
    "p_organization_external_id": "org_gone_a", "p_user_external_id": "user_gone_b", "p_role": "org:admin",
    "p_external_id": "orgmem_gone", "p_created_at": "2026-01-01", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"
  }]'),
  '{"applied": 1, "stale": 0}',
  'a page makes the membership that is gone'
);
delete from public.organization_members where true;
select is(
  public.set_membership(
    'org_gone_a', 'user_gone_b', 'org:admin', 'orgmem_gone', p_created_at => '2026-01-01', p_updated_at => '2026-01-02',
    p_event_at => '2026-01-02'
  ),
  'applied',
  'and so does a single call'
);
select results_eq(
  $$ select "user", role, external_id from member $$,
  $$ values ('user_gone_b'::varchar, 'admin'::varchar, 'orgmem_gone'::varchar) $$,
  'as it was'
);

select public.remove_membership('org_gone_a', 'user_gone_b', 'orgmem_gone', p_event_at => '2026-01-03');
select is(
  public.set_membership(
    'org_gone_a', 'user_gone_b', 'org:admin', 'orgmem_gone', p_created_at => '2026-01-01', p_updated_at => '2026-01-04',
    p_event_at => '2026-01-04'
  ),
  'stale',
  'a member who was removed has no row by right'
);
select is_empty($$ select from member where "user" = 'user_gone_b' $$, 'and gets none');

select public.delete_user('user_gone_c', p_event_at => '2026-01-05');
select public.upsert_user('user_gone_c', 'c@example.test', p_updated_at => '2026-01-02', p_event_at => '2026-01-02');
select is(
  (select deleted_at from public.users where external_id = 'user_gone_c'),
  '2026-01-05',
  'a deleted user comes back as deleted'
);

select public.record_snapshots(
  'subscription',
  '[{"p_external_id": "csub_item_gone", "p_user_external_id": "user_gone_c", "p_status": "ended", "p_updated_at": "2026-01-02"}]',
  p_event_at => '2026-01-02'
);
delete from public.subscriptions where external_id = 'csub_item_gone';
select is(
  public.record_snapshots(
    'subscription',
    format(
      '[{"p_external_id": "csub_item_gone", "p_user_external_id": "user_gone_c", "p_status": "%s", "p_updated_at": "%s"}]', status, day
    )::jsonb,
    p_event_at => day
  ),
  'applied',
  format('a subscription item that is gone comes back with what is told of %s', day::date)
)
from (values ('active', '2026-01-01'::timestamptz), ('ended', '2026-01-02')) told (status, day);

-- Its slug went on to another one while it had no row.
delete from public.organizations where external_id = 'org_gone_a';
select public.upsert_org_with_owner(
  'org_gone_b', 'Gone b', 'gone-a', p_with_owner => false, p_created_by => 'user_gone_a', p_updated_at => '2026-01-01',
  p_event_at => '2026-01-01'
);
select is(
  (select slug from public.organizations where external_id = 'org_gone_b'),
  null,
  'the newer claim holds a slug, row or not'
);
select public.upsert_org_with_owner(
  'org_gone_a', 'Gone a', 'gone-c', p_with_owner => false, p_updated_at => '2026-01-06', p_event_at => '2026-01-06'
);
select results_eq(
  $$ select external_id, slug from public.organizations where external_id like 'org\_gone\_%' order by 1 $$,
  $$ values ('org_gone_a'::varchar, 'gone-c'::varchar), ('org_gone_b', 'gone-a') $$,
  'the one that comes back under another gives it up'
);

select * from finish();
rollback;
