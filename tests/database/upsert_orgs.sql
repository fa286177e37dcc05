-- sync_upsert_orgs: a page of organizations, by the rules of upsert_org_with_owner without the owner.
begin;
set local search_path = public, extensions;
select plan(11);

select is(
  public.sync_upsert_orgs(
    '[{"p_external_id": "org_a", "p_name": "A", "p_slug": "a", "p_logo_url": "https://img.test/a", "p_created_by": "user_a",
       "p_public_metadata": {"tier": 1}, "p_created_at": "2026-01-01", "p_updated_at": "2026-01-02",
       "p_event_at": "2026-01-02"},
      {"p_external_id": "org_b", "p_name": "B", "p_slug": "", "p_created_by": ""}]'
  ),
  '{"applied": 2, "stale": 0}',
  'organizations that were never seen are applied'
);

select results_eq(
  $$
  select name, slug, plan, timezone, logo_url, created_by, public_metadata, created_at, updated_at
  from public.organizations
  where external_id = 'org_a'
  $$,
  $$
  values (
    'A'::varchar, 'a'::varchar, 'free'::varchar, 'UTC'::varchar, 'https://img.test/a'::varchar, 'user_a'::varchar,
    '{"tier": 1}'::jsonb, '2026-01-01'::timestamptz, '2026-01-02'::timestamptz
  )
  $$,
  'every key lands in its column'
);

select results_eq(
  $$ select slug, created_by from public.organizations where external_id = 'org_b' $$,
  $$ values (null::varchar, null::varchar) $$,
  'an empty slug or creator is none'
);

select is(
  (select count(*) from clerk_sync.membership_register where organization_external_id = 'org_a'),
  0::bigint,
  'a page makes nobody an owner'
);

select is(
  public.sync_upsert_orgs(
    '[{"p_external_id": "org_a", "p_name": "A", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"}]'
  ),
  '{"applied": 0, "stale": 1}',
  'the same state again applies nothing'
);

-- A to a temporary slug, B to a's, A to b's: all in one page, as Clerk holds them in the end.
select public.sync_upsert_orgs(
  '[{"p_external_id": "org_c", "p_name": "C", "p_slug": "c", "p_updated_at": "2026-01-01"},
    {"p_external_id": "org_d", "p_name": "D", "p_slug": "d", "p_updated_at": "2026-01-01"}]'
);
select lives_ok(
  $$
  select public.sync_upsert_orgs(
    '[{"p_external_id": "org_c", "p_name": "C", "p_slug": "d", "p_updated_at": "2026-01-03"},
      {"p_external_id": "org_d", "p_name": "D", "p_slug": "c", "p_updated_at": "2026-01-02"}]'
  )
  $$,
  'two organizations may swap their slugs in one page'
);
select results_eq(
  $$ select external_id, slug from public.organizations where external_id in ('org_c', 'org_d') order by external_id $$,
  $$ values ('org_c'::varchar, 'd'::varchar), ('org_d'::varchar, 'c'::varchar) $$,
  'and have them'
);

select public.sync_upsert_orgs(
  '[{"p_external_id": "org_e", "p_name": "E", "p_slug": "same", "p_updated_at": "2026-01-01"},
    {"p_external_id": "org_f", "p_name": "F", "p_slug": "same", "p_updated_at": "2026-01-02"}]'
);
select results_eq(
  $$ select external_id, slug from public.organizations where external_id in ('org_e', 'org_f') order by external_id $$,
  $$ values ('org_e'::varchar, null::varchar), ('org_f'::varchar, 'same'::varchar) $$,
  'the newest claim of a page holds the slug'
);

select public.set_membership('org_g', 'user_g', p_role => 'org:admin', p_external_id => 'orgmem_g');
select public.sync_upsert_orgs('[{"p_external_id": "org_g", "p_name": "G", "p_created_by": "user_g"}]');
select is(
  (select m.role from public.organization_members m where m.external_id = 'orgmem_g'),
  'owner',
  'the role follows the creator that a page names'
);

select throws_ok(
  $$ select public.sync_upsert_orgs('[{"p_external_id": "org_h"}]') $$, '23502', null, 'a missing name refuses the page'
);
select throws_ok(
  $$ select public.sync_upsert_orgs('{"p_external_id": "org_h"}') $$, '22023', null, 'what is no array is refused'
);

select * from finish();
rollback;
