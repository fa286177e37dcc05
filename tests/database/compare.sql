-- sync_compare_users, sync_compare_orgs, sync_compare_memberships: what differs between a page of Clerk's and the tables.
begin;
set local search_path = public, extensions;
select plan(27);

create temporary table clerk (kind text primary key, page jsonb not null);
insert into clerk
values
  ('users', '[
    {"p_external_id": "user_a", "p_email": "a@example.test", "p_full_name": "Ada", "p_public_metadata": {"n": 1},
     "p_created_at": "2026-01-01", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"}
  ]'),
  ('organizations', '[
    {"p_external_id": "org_a", "p_name": "A", "p_slug": "a", "p_created_by": "user_a", "p_created_at": "2026-01-01",
     "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"}
  ]'),
  ('memberships', '[
    {"p_external_id": "orgmem_a", "p_organization_external_id": "org_a", "p_user_external_id": "user_a",
     "p_role": "org:admin", "p_created_at": "2026-01-01", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"}
  ]');

create function pg_temp.page(p_kind text, p_changes jsonb default '{}')
returns jsonb
language sql
as $$
  select jsonb_agg(element || p_changes) from clerk, jsonb_array_elements(page) element where kind = p_kind;
$$;

create function pg_temp.found(p_kind text, p_changes jsonb default '{}')
returns text
language sql
as $$
  select string_agg(d.kind || ' ' || array_to_string(d.fields, ','), '; ')
  from (
    select * from public.sync_compare_users(pg_temp.page(p_kind, p_changes)) where p_kind = 'users'
    union all
    select * from public.sync_compare_orgs(pg_temp.page(p_kind, p_changes)) where p_kind = 'organizations'
    union all
    select * from public.sync_compare_memberships(pg_temp.page(p_kind, p_changes)) where p_kind = 'memberships'
  ) d;
$$;

select is(pg_temp.found('users'), 'missing ', 'a user who is not here is missing');
select is(pg_temp.found('organizations'), 'missing ', 'an organization that is not here is missing');
select is(pg_temp.found('memberships'), 'missing ', 'a membership that is not here is missing');

select public.sync_set_memberships(pg_temp.page('memberships'));
select is(pg_temp.found('users'), 'stale email,full_name,public_metadata,created_at', 'a stub of a user is stale');
select is(pg_temp.found('organizations'), 'stale name,slug,created_by,created_at', 'a stub of an organization is stale');
select is(pg_temp.found('memberships'), null, 'a membership that is as Clerk says is left out');

select public.sync_upsert_users(pg_temp.page('users'));
select public.sync_upsert_orgs(pg_temp.page('organizations'));
select is(pg_temp.found('users'), null, 'a user who is as Clerk says is left out');
select is(pg_temp.found('organizations'), null, 'an organization that is as Clerk says is left out');
select is(pg_temp.found('memberships'), null, 'an owner is what Clerk calls an admin');

select is(
  pg_temp.found('users', '{"p_full_name": "Countess", "p_updated_at": "2026-01-03"}'),
  'stale full_name',
  'an older state of a user is stale'
);
select is(
  pg_temp.found('users', '{"p_updated_at": "2026-01-03"}'), 'stale ', 'a user of an older state with the same values is stale'
);
select is(
  pg_temp.found('users', '{"p_banned": true, "p_deprovisioned": true}'),
  'different banned,deprovisioned',
  'other values of the same age are different'
);
select is(
  pg_temp.found('users', '{"p_full_name": "Old", "p_updated_at": "2026-01-01"}'),
  'newer full_name',
  'other values of a younger state are newer'
);
select is(pg_temp.found('users', '{"p_updated_at": "2026-01-01"}'), null, 'a younger state with the same values is in sync');
select is(
  (select updated_at from public.sync_compare_users(pg_temp.page('users', '{"p_banned": true}'))),
  '2026-01-02',
  'the age of what is stored is told'
);

update public.organizations set plan = 'pro', timezone = 'Europe/Rome' where true;
select is(pg_temp.found('organizations'), null, 'the app''s own columns are not compared');
select is(
  pg_temp.found('organizations', '{"p_created_by": null}'), null, 'a state that names no creator does not speak of one'
);
select is(pg_temp.found('organizations', '{"p_slug": "b"}'), 'different slug', 'another slug is different');

select public.upsert_org_with_owner('org_b', 'B', 'lent', p_with_owner => false);
update clerk_sync.organization_register set claimed_slug = 'lent' where external_id = 'org_a';
select is(
  pg_temp.found('organizations'), 'different slug', 'a claim on a slug that a newer one hides is different, whatever the row has'
);
select public.sync_upsert_orgs(pg_temp.page('organizations', '{"p_event_at": "2026-01-03"}'));
select is(pg_temp.found('organizations'), null, 'and is gone when the same state is written as of now');

select is(pg_temp.found('memberships', '{"p_role": "org:billing"}'), 'role role,clerk_role', 'another role is a wrong role');
select is(
  pg_temp.found('memberships', '{"p_external_id": "orgmem_b", "p_created_at": "2026-02-01"}'),
  'stale external_id,joined_at',
  'another membership of the same pair is here'
);

update public.users set full_name = 'By hand', deleted_at = now() where true;
select is(pg_temp.found('users'), 'different full_name,deleted_at', 'what was written by hand shows');

delete from public.organization_members where true;
select is(pg_temp.found('memberships'), 'missing ', 'a row that was deleted by hand is missing');

select public.remove_membership('org_a', p_external_id => 'orgmem_a');
select is(pg_temp.found('memberships'), 'deleted ', 'a removed membership that lives at Clerk is told apart');
select public.delete_user('user_a');
select is(
  pg_temp.found('users', '{"p_full_name": "By hand"}'),
  'deleted deleted_at',
  'a deleted user who lives at Clerk is told apart'
);
select throws_ok($$ select public.sync_compare_users('{}') $$, '22023', null, 'what is no page is refused');

select * from finish();
rollback;
