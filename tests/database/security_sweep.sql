-- What must hold for each object of ours is asked of the catalogue, so that the next object cannot forget it.
begin;
set local search_path = public, extensions;
select plan(21);

create temporary view our_functions as
select p.oid, p.oid::regprocedure::text as function, n.nspname, p.proname, p.proowner, p.proacl, p.prosecdef,
  p.proconfig, p.prorettype
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('public', 'clerk_sync')
  and not exists (
    select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
  );

create temporary view our_relations as
select c.oid, c.oid::regclass::text as relation, n.nspname, c.relkind, c.relowner, c.relacl, c.relrowsecurity
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'clerk_sync')
  and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  );

select bag_has(
  'select distinct nspname::text from our_functions union all select distinct nspname::text from our_relations',
  $$ values ('public'), ('public'), ('clerk_sync'), ('clerk_sync') $$,
  'the sweep sees the functions and the relations of both schemas'
);

-- Functions

select is_empty(query, what)
from (
  values
    ($$ select function from our_functions where not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false) $$,
      'every function looks into pg_catalog first, and last where anybody may make types: a path that is empty begins there'),
    ($$
      select function, grantee::regrole
      from our_functions
      cross join lateral aclexplode(coalesce(proacl, acldefault('f', proowner)))
      where grantee in (0, 'anon'::regrole)
    $$,
      'no function is granted to public or anon'),
    ($$ select function from our_functions where has_function_privilege('anon', oid, 'execute') $$,
      'no function can be executed by anon, by whatever way')
) as swept (query, what);

select set_eq(
  $$ select proname::text from our_functions where has_function_privilege('authenticated', oid, 'execute') $$,
  $$
  values
    ('my_user_id'), ('my_user'), ('my_organization_ids'), ('my_organizations'), ('my_colleague_ids'), ('is_member_of'),
    ('is_admin_of'), ('is_owner_of'), ('active_organization_id'), ('my_plan'), ('has_feature'), ('has_plan'), ('has_role'),
    ('has_permission')
  $$,
  'authenticated can execute what an app asks about its user, and nothing else'
);

select set_eq(
  $$ select function from our_functions where has_function_privilege('service_role', oid, 'execute') $$,
  $$
  select function
  from our_functions
  where nspname = 'public'
    and not has_function_privilege('authenticated', oid, 'execute')
  $$,
  'service_role can execute every RPC of the sync and no function of clerk_sync'
);

select is_empty(query, what)
from (
  values
    ($$ select function from our_functions where prosecdef and nspname <> 'public' and prorettype <> 'trigger'::regtype $$,
      'a function that runs as its owner is an RPC in public, or a trigger, which nobody calls'),
    ($$
      select function, proowner::regrole
      from our_functions
      where proowner <> (select nspowner from pg_namespace where nspname = 'clerk_sync')
    $$,
      'every function belongs to the owner of clerk_sync'),
    ($$ select nspname, proname from our_functions group by nspname, proname having count(*) > 1 $$,
      'no function is overloaded')
) as swept (query, what);

-- Tables

select is_empty(
  $$ select relation from our_relations where relkind in ('r', 'p') and not relrowsecurity $$,
  'every table has row level security'
);

select set_eq(
  $$
  select relation, grantee::regrole::text, privilege_type
  from our_relations
  cross join lateral aclexplode(relacl)
  where grantee <> relowner
  $$,
  $$
  select relation, role, 'SELECT'
  from unnest(
    '{
      users, public_user_data, organizations, organization_members, user_sessions, subscriptions, organization_invitations
    }'::text[]
  ) relation
  cross join unnest('{authenticated,service_role}'::text[]) role
  $$,
  'authenticated and service_role may read the tables of the app, and nobody else has a table, view or sequence'
);

select set_eq(
  $$
  select relation, attname::text, grantee::regrole::text, privilege_type
  from our_relations
  join pg_attribute on attrelid = oid
  cross join lateral aclexplode(attacl)
  where grantee <> relowner
  $$,
  $$
  values
    ('organizations', 'timezone', 'authenticated', 'UPDATE'),
    ('organizations', 'timezone', 'service_role', 'UPDATE'),
    ('organizations', 'plan', 'service_role', 'UPDATE')
  $$,
  'authenticated may change the timezone, service_role the plan too, and nobody any other column'
);

select is_empty(query, what)
from (
  values
    ($$
      select relation
      from our_relations
      where nspname = 'public'
        and relkind in ('r', 'p')
        and not exists (select from pg_policy where polrelid = our_relations.oid)
    $$,
      'every table of the app has a policy'),
    ($$
      select polrelid::regclass, polname
      from pg_policy
      join our_relations on our_relations.oid = polrelid
      where polroles <> array['authenticated'::regrole::oid]
        or not polpermissive
        or pg_get_expr(polqual, polrelid) like '%auth.uid()%'
    $$,
      'every policy is for authenticated, and none asks auth.uid(), which fails for Clerk''s ids'),
    ($$
      select relation, grantee::regrole, privilege_type
      from our_relations
      cross join lateral aclexplode(relacl)
      where nspname = 'clerk_sync'
        and grantee <> relowner
    $$,
      'no relation of clerk_sync is granted to anybody'),
    ($$
      select role
      from unnest('{anon,authenticated,service_role}'::text[]) as role
      where has_schema_privilege(role, 'clerk_sync', 'usage, create')
    $$,
      'nobody may enter clerk_sync'),
    ($$
      select role
      from unnest('{authenticated,service_role}'::text[]) as role
      where not has_schema_privilege(role, 'public', 'usage')
        or has_schema_privilege(role, 'public', 'create')
    $$,
      'who is granted something in public may enter it, and make nothing there')
) as swept (query, what);

-- Comments

select is_empty(query, what)
from (
  values
    ($$ select function from our_functions where obj_description(oid, 'pg_proc') is null $$, 'every function has a comment'),
    ($$ select relation from our_relations where relkind not in ('S', 'c') and obj_description(oid, 'pg_class') is null $$,
      'every table and view has a comment'),
    ($$
      select relation, attname
      from our_relations
      join pg_attribute on attrelid = oid
      where relkind <> 'S'
        and attnum > 0
        and not attisdropped
        and col_description(oid, attnum) is null
    $$,
      'every column has a comment'),
    ($$
      select 'type', t.oid::regtype::text
      from pg_type t
      where typnamespace in ('public'::regnamespace, 'clerk_sync'::regnamespace)
        and (typtype in ('e', 'd', 'r') or typrelid in (select oid from our_relations where relkind = 'c'))
        and obj_description(t.oid, 'pg_type') is null
        and not exists (
          select from pg_depend d where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
        )
      union all
      select 'policy', polname::text
      from pg_policy p
      join our_relations on our_relations.oid = polrelid
      where obj_description(p.oid, 'pg_policy') is null
      union all
      select 'schema', 'clerk_sync'
      where obj_description('clerk_sync'::regnamespace, 'pg_namespace') is null
    $$,
      'every type, every policy and the schema clerk_sync have a comment')
) as swept (query, what);

select * from finish();
rollback;
