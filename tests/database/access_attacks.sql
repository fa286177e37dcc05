-- What somebody who is signed in may try against row level security. Told with two organizations, Acme and Globex: carol is a
-- member of Acme, olga owns Globex; otto, who is a member of Globex, is the one whom carol must not learn of.
begin;
set local search_path = public, extensions;
select plan(60);

select public.upsert_user('user_attack_' || name, p_email => name || '@example.com', p_full_name => name)
from unnest('{alice,carol,olga,otto}'::text[]) name;
select public.upsert_org_with_owner('org_attack_acme', 'acme', p_created_by => 'user_attack_alice');
select public.upsert_org_with_owner('org_attack_globex', 'globex', p_created_by => 'user_attack_olga');
select public.set_membership('org_attack_acme', 'user_attack_carol');
select public.set_membership('org_attack_globex', 'user_attack_otto');
select
  public.record_snapshots('subscription', jsonb_build_array(jsonb_build_object(
    'p_external_id', 'csub_item_attack_' || name, 'p_organization_external_id', 'org_attack_' || name, 'p_plan', name || ' plan',
    'p_status', 'active'
  ))),
  public.record_snapshots('invitation', jsonb_build_array(jsonb_build_object(
    'p_external_id', 'orginv_attack_' || name, 'p_organization_external_id', 'org_attack_' || name, 'p_status', 'pending',
    'p_email', name || ' guest', 'p_clerk_role', 'org:member'
  )))
from unnest('{acme,globex}'::text[]) name;

create function pg_temp.token(p_claims jsonb)
returns void
language sql
as $$ select set_config('request.jwt.claims', (p_claims || '{"role": "authenticated"}')::text, true) $$;

-- Roles

select is_empty(query, what)
from (
  values
    ($$
      select rolname
      from pg_roles
      where rolname in ('anon', 'authenticated')
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolcanlogin)
    $$,
      'anon and authenticated have no attribute that lifts them over a policy'),
    ($$
      select member, role
      from unnest('{anon,authenticated}'::text[]) member
      cross join (select rolname as role from pg_roles) roles
      where member <> role
        and pg_has_role(member, role, 'member')
    $$,
      'they cannot become any other role'),
    ($$
      select role
      from unnest('{anon,authenticated}'::text[]) role
      where has_schema_privilege(role, 'public', 'create')
        or has_schema_privilege(role, 'auth', 'create')
        or has_schema_privilege(role, 'extensions', 'create')
    $$,
      'they can make no function or view where ours could find it'),
    ($$
      select tablename, privilege
      from pg_tables
      cross join unnest('{truncate,references,trigger,insert,update,delete}'::text[]) privilege
      where schemaname = 'public'
        and has_table_privilege('authenticated', format('public.%I', tablename), privilege)
    $$,
      'they have no privilege on a table that no policy is asked for'),
    ($$
      select oid::regclass
      from pg_class
      where relnamespace in ('public'::regnamespace, 'clerk_sync'::regnamespace)
        and relkind in ('v', 'm')
    $$,
      'no view reads the tables with the rights of its owner')
) as swept (query, what);

-- Conditions: the policy comes before whatever a caller may ask.

select pg_temp.token('{"sub": "user_attack_carol"}');
create temporary table heard (value text);
grant insert on heard to authenticated;
create function pg_temp.spy(p_value text)
returns boolean
language plpgsql
cost 0.0001 -- so cheap that the planner would like to ask it first
as $$
begin
  insert into heard values (p_value);
  return true;
end;
$$;

set local role authenticated;
select count(*) from public.users where pg_temp.spy(email);
select count(*) from public.public_user_data where pg_temp.spy(email);
select count(*) from public.organizations where pg_temp.spy(name);
select count(*) from public.organization_members where pg_temp.spy(organization_id::text);
select count(*) from public.subscriptions where pg_temp.spy(plan);
select count(*) from public.organization_invitations where pg_temp.spy(email);
reset role;
select is_empty(
  $$
  select value
  from heard
  where value in ('olga@example.com', 'otto@example.com', 'globex', 'globex plan', 'globex guest', 'acme guest')
    or value = (select id::text from public.organizations where external_id = 'org_attack_globex')
  $$,
  'a function in a condition is not shown the rows of others'
);
select bag_has(
  'select value from heard',
  $$ values ('alice@example.com'), ('carol@example.com'), ('acme'), ('acme plan') $$,
  'while it is shown those of the caller'
);

set local role authenticated;
select lives_ok(query, what)
from (
  values
    ($$ select 1 / (case when email = 'otto@example.com' then 0 else 1 end) from public.public_user_data $$,
      'an error cannot tell whether somebody else is there'),
    ($$ select from public.public_user_data where 1 / (case when email = 'otto@example.com' then 0 else 1 end) = 1 $$,
      'nor an error in a condition'),
    ($$ update public.organizations set timezone = 'UTC' where 1 / (case when name = 'globex' then 0 else 1 end) = 1 $$,
      'nor one in an update'),
    ($$ select name::int from public.organizations where name = 'globex' $$, 'nor a cast that would fail')
) as tried (query, what);
select is(
  (
    select count(b.id)
    from public.public_user_data a
    left join public.public_user_data b on b.email = 'otto@example.com'
  ),
  0::bigint,
  'nor a join of a table with itself'
);
select is_empty(
  $$ select from pg_stats where tablename in ('users', 'public_user_data', 'organizations', 'organization_members') $$,
  'the planner''s samples of the tables are not shown'
);
select throws_ok(
  $$ lock table public.organizations in access exclusive mode $$,
  '42501',
  null,
  'a member can lock nobody out'
);

-- Functions

select is(
  (select count(*) from public.my_organization_ids(roles)),
  expected,
  format('my_organization_ids(%L): %s', roles, expected)
)
from (
  values
    (null::text[], 1::bigint),
    ('{}', 0),
    ('{null}', 0),
    ('{owner,admin}', 0),
    ('{member,null}', 1),
    ('{%}', 0),
    ('{{member,owner},{admin,x}}', 1)
) asked (roles, expected);
reset role;

-- Claims. What is not a plain id is nobody's.

create temporary table claims (claims jsonb, what text);
grant select on claims to authenticated;
insert into claims
values
  ('{}', 'no subject'),
  ('{"sub": null}', 'a null subject'),
  ('{"sub": ""}', 'an empty subject'),
  ('{"sub": ["user_attack_carol"]}', 'a list of subjects'),
  ('{"sub": {"sub": "user_attack_carol"}}', 'an object for a subject'),
  ('{"sub": true}', 'true for a subject'),
  ('{"sub": 1}', 'a number for a subject'),
  ('{"sub": "user_attack_%"}', 'a pattern for a subject'),
  ('{"sub": "user_attack_carol "}', 'a subject with a space'),
  ('{"sub": "USER_ATTACK_CAROL"}', 'a subject in capitals'),
  ('{"sub": "user_attack_carol'' or true --"}', 'a subject with a quote'),
  ('{"user_id": "user_attack_carol"}', 'a subject by another name'),
  ('{"app_metadata": {"sub": "user_attack_carol"}}', 'a subject in app_metadata'),
  ('{"sub": "user_attack_carol", "sts": "pending"}', 'a pending session'),
  ('{"sub": "user_attack_carol", "sts": ["active"]}', 'a list of states of the session'),
  ('{"sub": "user_attack_carol", "sts": "anything"}', 'a state of the session that nobody knows'),
  ('{"sub": "user_attack_carol", "sts": true}', 'true for a state of the session');

create function pg_temp.seen(p_claims jsonb)
returns bigint
language plpgsql
as $$
declare
  v_count bigint;
begin
  perform pg_temp.token(p_claims);
  set local role authenticated;
  select (select count(*) from public.users) + (select count(*) from public.public_user_data) + (select count(*) from public.organizations)
    + (select count(*) from public.organization_members) + (select count(*) from public.user_sessions)
    + (select count(*) from public.subscriptions) + (select count(*) from public.organization_invitations)
    + (select count(*) from public.my_user()) + (select count(*) from public.my_organization_ids())
    + (select count(public.my_user_id()))
  into v_count;
  reset role;
  return v_count;
end;
$$;

select is(pg_temp.seen('{"sub": "user_attack_carol", "sts": "active"}'), 10::bigint, 'carol sees what is hers');
select is(pg_temp.seen(claims), 0::bigint, what || ' sees nothing') from claims;

-- Claims beside the subject give nothing.

select is(pg_temp.seen('{"sub": "user_attack_carol"}' || claims), 10::bigint, what || ' changes nothing')
from (
  values
    ('{"app_metadata": {"role": "service_role"}, "user_role": "owner"}'::jsonb, 'a role elsewhere'),
    ('{"o": {"id": "org_attack_globex", "rol": "admin"}}', 'another organization in the token'),
    ('{"org_id": "org_attack_globex", "org_role": "org:admin"}', 'another organization in an old token'),
    ('{"act": {"sub": "user_attack_olga"}}', 'an actor'),
    ('{"sub2": "user_attack_olga", "v": "2"}', 'whatever else')
) told (claims, what);

create function pg_temp.active(p_claims jsonb)
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
begin
  perform pg_temp.token('{"sub": "user_attack_carol"}' || p_claims);
  set local role authenticated;
  v_id := public.active_organization_id();
  reset role;
  return v_id;
end;
$$;

select isnt(pg_temp.active('{"o": {"id": "org_attack_acme"}}'), null, 'the organization of the token is active');
select is(pg_temp.active(claims), null, what || ' is no active organization')
from (
  values
    ('{"o": {"id": "org_attack_globex"}}'::jsonb, 'one without a membership'),
    ('{"o": "org_attack_acme"}', 'a text'),
    ('{"o": [{"id": "org_attack_acme"}]}', 'a list'),
    ('{"o": {"id": ["org_attack_acme"]}}', 'a list of ids'),
    ('{"o": {"ID": "org_attack_acme"}}', 'an id by another name'),
    ('{"org_id": {"id": "org_attack_acme"}}', 'an object in an old token'),
    ('{"o": {"id": "org_attack_globex"}, "org_id": "org_attack_acme"}', 'the other of two that differ'),
    ('{"o": null, "org_id": null}', 'nothing')
) told (claims, what);

select set_config('request.jwt.claims', '{"sub": "user_attack_carol\u0000", "role": "authenticated"}', true);
set local role authenticated;
select throws_ok($$ select from public.users $$, '22P05', null, 'a NUL in a claim is an error');
select set_config('request.jwt.claims', '{"sub": "user_attack_carol"', true);
select throws_ok($$ select from public.users $$, '22P02', null, 'claims that are no JSON are an error');
select set_config('request.jwt.claims', '["user_attack_carol"]', true);
select is((select count(*) from public.users), 0::bigint, 'claims that are a list are nobody''s');

-- A policy that an app adds opens a table, and gives nobody a membership.

reset role;
create policy "everybody reads everything" on public.users for select to authenticated using (true);
create policy "everybody reads everything" on public.public_user_data for select to authenticated using (true);
create policy "everybody reads everything" on public.organizations for select to authenticated using (true);
create policy "everybody reads everything" on public.organization_members for select to authenticated using (true);
select pg_temp.token('{"sub": "user_attack_carol"}');
set local role authenticated;
select results_eq($$ select full_name::text from public.my_user() $$, $$ values ('carol') $$, 'carol is who she was');
select results_eq($$ select name from public.my_organizations() $$, $$ values ('acme') $$, 'where she was');
select is(
  (select count(*) from public.organizations where public.is_member_of(id) and external_id like 'org\_attack\_%'),
  1::bigint,
  'a member of what she was a member of'
);
select pg_temp.token('{"sub": "user_attack_carol", "o": {"id": "org_attack_globex"}}');
-- Asked here, for pg_temp.active keeps the plan of a function that it has called before.
select is(public.active_organization_id(), null, 'and another organization is not active by a token');

select * from finish();
rollback;
