-- What an app asks about its signed-in user: who am I, where am I a member, which organization is active.
begin;
set local search_path = public, extensions;
select plan(28);

select public.upsert_user('user_app_' || name, p_full_name => name, p_banned => name = 'bea', p_deprovisioned => name = 'eve')
from unnest('{alice,bob,carol,bea,dan,eve}'::text[]) name;
select public.upsert_org_with_owner('org_app_acme', 'acme', 'app-acme', p_created_by => 'user_app_alice');
select public.upsert_org_with_owner('org_app_initech', 'initech', p_created_by => 'user_app_bob');
select public.set_membership('org_app_acme', 'user_app_bob', 'org:admin');
select public.set_membership('org_app_acme', 'user_app_' || name)
from unnest('{carol,bea,dan,eve}'::text[]) name;
select public.delete_user('user_app_dan');

create temporary table ids as
select external_id, id from public.users where external_id like 'user\_app\_%'
union all
select external_id, id from public.organizations where external_id like 'org\_app\_%';
grant select on ids to authenticated;

create function pg_temp.id(p_external_id text)
returns uuid
language sql
as $$ select id from ids where external_id = p_external_id $$;

create function pg_temp.token(p_claims jsonb)
returns void
language sql
as $$ select set_config('request.jwt.claims', (p_claims || '{"role": "authenticated"}')::text, true) $$;

set local role authenticated;

select pg_temp.token('{"sub": "user_app_bob"}');
select is(public.my_user_id(), pg_temp.id('user_app_bob'), 'bob is the user of his token');
select results_eq($$ select full_name::text from public.my_user() $$, $$ values ('bob') $$, 'and has a row');
select results_eq(
  $$ select name, role from public.my_organizations() $$,
  $$ values ('acme', 'admin'), ('initech', 'owner') $$,
  'bob has two organizations, with his role in each'
);
select set_eq(
  $$ select public.my_organization_ids() $$,
  $$ values (pg_temp.id('org_app_acme')), (pg_temp.id('org_app_initech')) $$,
  'their ids are told'
);
select set_eq(
  $$ select public.my_organization_ids('{owner}') $$,
  $$ values (pg_temp.id('org_app_initech')) $$,
  'and those in which he has a role'
);
select set_eq(
  $$ select public.my_colleague_ids() $$,
  $$ select id from ids where external_id like 'user\_app\_%' and external_id <> 'user_app_dan' $$,
  'his colleagues are the members of both who are active'
);
select is(public.is_member_of(pg_temp.id('org_app_acme')), true, 'an admin is a member');
select is(public.is_admin_of(pg_temp.id('org_app_acme')), true, 'an admin is an admin');
select is(public.is_owner_of(pg_temp.id('org_app_acme')), false, 'an admin is no owner');
select is(public.is_admin_of(pg_temp.id('org_app_initech')), true, 'an owner is an admin, too');
select is(public.is_owner_of(pg_temp.id('org_app_initech')), true, 'an owner is an owner');
select is(public.is_member_of(null), false, 'nobody is a member of nothing');
select is(public.active_organization_id(), null, 'no organization is active in a token without one');

select pg_temp.token('{"sub": "user_app_bob", "v": 2, "o": {"id": "org_app_acme", "rol": "admin", "slg": "app-acme"}}');
select is(public.active_organization_id(), pg_temp.id('org_app_acme'), 'the active organization of a token of version 2');
select pg_temp.token('{"sub": "user_app_bob", "org_id": "org_app_initech", "org_role": "org:admin"}');
select is(public.active_organization_id(), pg_temp.id('org_app_initech'), 'the active organization of a token of version 1');

select pg_temp.token('{"sub": "user_app_carol", "v": 2, "o": {"id": "org_app_initech", "rol": "admin"}}');
select is(public.active_organization_id(), null, 'an organization of the token counts only with a membership');
select is(public.is_admin_of(pg_temp.id('org_app_acme')), false, 'a member is no admin');
select is(public.is_member_of(pg_temp.id('org_app_initech')), false, 'what the token says makes nobody a member');

select pg_temp.token('{"sub": "user_app_bob", "sts": "pending"}');
select is(public.my_user_id(), null, 'a pending session is nobody');
select is((select count(*) from public.my_organization_ids()), 0::bigint, 'and has no organization');
select pg_temp.token('{"sub": "user_app_bea"}');
select is(public.my_user_id(), null, 'a banned user is nobody');
select pg_temp.token('{"sub": "user_app_eve"}');
select is(public.my_user_id(), null, 'a deprovisioned user is nobody');
select pg_temp.token('{"sub": "user_app_dan"}');
select is(public.my_user_id(), null, 'a deleted user is nobody');
select is((select count(*) from public.my_user()), 0::bigint, 'and has no row');
select pg_temp.token('{"sub": "user_app_new"}');
select is(public.my_user_id(), null, 'a user whose webhook has not arrived is nobody yet');
select pg_temp.token('{}');
select is((select count(*) from public.my_user()), 0::bigint, 'a token without a subject is nobody');
select is((select count(*) from public.users), 0::bigint, 'and sees nobody');
select is((select count(*) from public.organizations), 0::bigint, 'and nothing');

select * from finish();
rollback;
