-- What the session token says, and-ed with what the rows say. ann is an admin of Acme, and in Globex, which she created, has no
-- role of Clerk's yet; bob is a member of Acme, otto of nothing.
begin;
set local search_path = public, extensions;
select plan(56);

select public.upsert_user('user_claims_' || name, p_banned => name = 'bea')
from unnest('{ann,bob,rita,bea,dan,otto}'::text[]) name;
select public.upsert_org_with_owner('org_claims_acme', 'acme');
select public.upsert_org_with_owner('org_claims_globex', 'globex', p_created_by => 'user_claims_ann');
select public.set_membership('org_claims_acme', 'user_claims_ann', 'org:admin');
select public.set_membership('org_claims_acme', 'user_claims_' || name)
from unnest('{bob,rita,bea,dan}'::text[]) name;
select public.remove_membership('org_claims_acme', 'user_claims_rita');
select public.delete_user('user_claims_dan');

-- What holds of what an admin of a paying organization has, under a token with these claims.
create function pg_temp.says(p_claims jsonb)
returns text
language plpgsql
as $$
declare
  v_says text;
begin
  perform set_config('request.jwt.claims', ('{"role": "authenticated"}' || p_claims)::text, true);
  set local role authenticated;
  select coalesce(string_agg(what, ' ') filter (where coalesce(holds, true)), 'nothing')
  into v_says
  from (
    values
      ('role', public.has_role('org:admin')),
      ('permission', public.has_permission('org:invoices:manage')),
      ('feature', public.has_feature('org:invoices')),
      ('plan', public.has_plan('org:pro')),
      ('mine', public.has_feature('user:chat') and public.has_plan('user:plus'))
  ) asked (what, holds);
  reset role;
  return v_says;
end;
$$;

-- A token of version 2, as Clerk writes it.
create function pg_temp.token(p_user text, p_organization text default 'acme', p_role text default 'admin')
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'sub', 'user_claims_' || p_user, 'v', 2, 'sts', 'active', 'fea', 'u:chat,o:invoices,o:reports', 'pla', 'o:pro,u:plus',
    'o', jsonb_build_object('id', 'org_claims_' || p_organization, 'rol', p_role, 'per', 'read,manage', 'fpm', '3,1')
  );
$$;

-- Who may call

select is(pg_temp.says(pg_temp.token('ann')), 'role permission feature plan mine', 'an admin has what her token says');

create temporary table calls (call text);
insert into calls
values
  ('public.has_role(''admin'')'), ('public.has_permission(''org:invoices:manage'')'), ('public.has_feature(''chat'')'),
  ('public.has_plan(''pro'')'), ('clerk_sync.is_entitled(''"u:chat"'', ''chat'')'), ('clerk_sync.claim_entries(''"a"'', ''a'')');
grant select on calls to anon, authenticated, service_role;

set local role anon;
select throws_ok('select ' || call, '42501', null, 'anon may not call ' || call) from calls where call like 'public.%';
set local role service_role;
select throws_ok('select ' || call, '42501', null, 'service_role may not call ' || call) from calls where call like 'public.%';
set local role authenticated;
select throws_ok('select ' || call, '42501', null, 'authenticated may not call ' || call)
from calls
where call like 'clerk_sync.%';
reset role;

-- Forms

select is(
  pg_temp.says(
    '{"sub": "user_claims_ann", "org_id": "org_claims_acme", "org_role": "org:admin", "org_permissions": ["org:invoices:manage"]}'
  ),
  'role permission',
  'a token of version 1 tells of a role and of permissions'
);
select is(
  pg_temp.says('{"sub": "user_claims_ann", "org_id": "org_claims_acme", "org_role": "admin", "org_permissions": []}'),
  'role',
  'its role may lack the prefix'
);
select is(pg_temp.says(pg_temp.token('ann') - 'o'), 'mine', 'without an active organization the user has the user''s');
select is(
  pg_temp.says(pg_temp.token('ann') #- '{o,fpm}'), 'role feature plan mine', 'without numbers there is no permission'
);

create temporary table asked (call text, says boolean);
insert into asked
values
  ('public.has_role(''admin'')', true), ('public.has_role(''owner'')', false), ('public.has_role('''')', false),
  ('public.has_role(null)', false), ('public.has_permission(''invoices:manage'')', true),
  ('public.has_permission(''org:invoices:read'')', true), ('public.has_permission(''org:reports:read'')', true),
  ('public.has_permission(''org:reports:manage'')', false), ('public.has_permission(''manage'')', false),
  ('public.has_permission(''org:invoices:manage:all'')', false), ('public.has_permission(null)', false),
  ('public.has_feature(''chat'')', true), ('public.has_feature(''invoices'')', true),
  ('public.has_feature(''org:chat'')', false), ('public.has_feature(''user:invoices'')', false),
  ('public.has_feature(''organization:invoices'')', true), ('public.has_feature(null)', false),
  ('public.has_plan(''pro'')', true), ('public.has_plan(''u:plus'')', true), ('public.has_plan(''free'')', false),
  ('public.has_plan(null)', false);
grant select on asked to authenticated;

create function pg_temp.answer(p_call text)
returns boolean
language plpgsql
as $$
declare
  v_says boolean;
begin
  execute 'select ' || p_call into v_says;
  return v_says;
end;
$$;

select set_config('request.jwt.claims', pg_temp.token('ann')::text, true);
set local role authenticated;
select is(pg_temp.answer(call), says, regexp_replace(call, '^\w+\.', '') || ' is ' || says) from asked;
reset role;

-- The rows

select is(
  pg_temp.says(pg_temp.token('ann', 'globex')),
  'role permission feature plan mine',
  'where the row knows no role of Clerk''s, the token''s is believed'
);
select is(
  pg_temp.says(pg_temp.token('bob')), 'feature plan mine', 'a token whose role is not the row''s gives neither role nor permission'
);
select is(pg_temp.says(pg_temp.token('otto')), 'mine', 'whoever is no member has nothing of the organization''s');
select is(pg_temp.says(pg_temp.token('rita')), 'mine', 'nor has a removed member, whose token lives on');
select is(pg_temp.says(pg_temp.token('bea')), 'nothing', 'a banned user has nothing');
select is(pg_temp.says(pg_temp.token('dan')), 'nothing', 'nor has a deleted one');
select is(pg_temp.says(pg_temp.token('new')), 'nothing', 'nor one whose webhook has not arrived');
select is(pg_temp.says(pg_temp.token('ann') || '{"sts": "pending"}'), 'nothing', 'nor a pending session');

-- The example of supabase/docs/your-app.md.
create table public.invoices (organization_id uuid not null references public.organizations (id), number text not null);
alter table public.invoices enable row level security;
revoke all on public.invoices from anon, authenticated, service_role;
grant select on public.invoices to authenticated;
insert into public.invoices
select id, name from public.organizations where external_id in ('org_claims_acme', 'org_claims_globex');

create policy "who may manage invoices reads them" on public.invoices for select to authenticated
  using (
    organization_id = (select public.active_organization_id())
    and (select public.has_permission('org:invoices:manage'))
  );

create function pg_temp.invoices(p_claims jsonb)
returns text[]
language plpgsql
as $$
declare
  v_numbers text[];
begin
  perform set_config('request.jwt.claims', ('{"role": "authenticated"}' || p_claims)::text, true);
  set local role authenticated;
  v_numbers := array(select number from public.invoices);
  reset role;
  return v_numbers;
end;
$$;

select is(pg_temp.invoices(pg_temp.token('ann')), '{acme}', 'by a policy an admin reads what is the active organization''s');
select is(pg_temp.invoices(pg_temp.token('ann', 'globex')), '{globex}', 'after a switch what is the other''s');
select is(pg_temp.invoices(pg_temp.token('bob')), '{}', 'whoever lacks the permission reads nothing');
select is(pg_temp.invoices(pg_temp.token('rita')), '{}', 'nor does a removed member');

select public.set_membership('org_claims_acme', 'user_claims_ann', 'org:member');
select is(pg_temp.says(pg_temp.token('ann')), 'feature plan mine', 'a demoted admin has lost role and permission at once');
select public.set_membership('org_claims_acme', 'user_claims_ann', 'admin');
select is(
  pg_temp.says(pg_temp.token('ann')), 'role permission feature plan mine', 'a row''s role may lack the prefix'
);
select public.delete_org('org_claims_acme');
select is(pg_temp.says(pg_temp.token('ann')), 'mine', 'a deleted organization gives nothing');

-- Odd claims

select is(
  pg_temp.says(jsonb_set(pg_temp.token('ann', 'globex') || '{"fea": "o:invoices"}', '{o,fpm}', '3')),
  'role feature plan',
  'a number that is no text says nothing'
);
select is(
  pg_temp.says(
    '{
      "sub": "user_claims_ann", "org_id": "org_claims_globex", "org_role": "org:admin",
      "org_permissions": "org:invoices:manage"
    }'
  ),
  'role',
  'nor do permissions of version 1 that are no list'
);
select is(
  pg_temp.says(
    pg_temp.token('ann') || '{"o": {"id": null}, "org_id": "org_claims_globex", "org_role": "org:admin"}'
  ),
  'mine',
  'nor does a mixture of both versions of an organization'
);
select is(
  pg_temp.says(
    pg_temp.token('ann', 'globex') - 'v' || '{"org_id": "org_claims_globex", "org_role": "org:admin"}'
  ),
  'nothing',
  'the other way round neither'
);

select set_config(
  'request.jwt.claims', '{"sub": "user_claims_ann", "org_id": "org_claims_globex", "org_role": ""}', true
);
set local role authenticated;
select is(public.has_role(''), false, 'a role without a name is none');
reset role;

select * from finish();
rollback;
