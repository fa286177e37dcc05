-- Row level security: each kind of person, each table, each command. Told with people of two organizations, Acme and
-- Globex: alice owns Acme, bob is its admin, carol, bea (banned), dan (deleted) and pia (with a pending session) are its
-- members, rita was one; otto is a member of Globex, which olga owns. Everybody signed in once and pays for a plan, as both
-- organizations do; carol was invited to both, by herself. The app's backend comes as service_role.
begin;
set local search_path = public, extensions;

create temporary table people (person text primary key, token jsonb, matrix text);
insert into people
values
  ('nobody', null, 'anon'),
  ('alice', '{"sub": "user_matrix_alice"}', 'owner'),
  ('bob', '{"sub": "user_matrix_bob"}', 'admin'),
  ('carol', '{"sub": "user_matrix_carol"}', 'member'),
  ('rita', '{"sub": "user_matrix_rita"}', 'removed member'),
  ('otto', '{"sub": "user_matrix_otto"}', 'member of another organization'),
  ('bea', '{"sub": "user_matrix_bea"}', 'banned'),
  ('dan', '{"sub": "user_matrix_dan"}', 'deleted'),
  ('pia', '{"sub": "user_matrix_pia", "sts": "pending"}', 'pending'),
  ('backend', '{"role": "service_role"}', 'backend');

select public.upsert_user('user_matrix_' || name, p_full_name => name, p_banned => name = 'bea')
from unnest('{alice,bob,carol,rita,otto,olga,bea,dan,pia}'::text[]) name;
select public.upsert_org_with_owner('org_matrix_acme', 'acme', p_created_by => 'user_matrix_alice');
select public.upsert_org_with_owner('org_matrix_globex', 'globex', p_created_by => 'user_matrix_olga');
select public.set_membership('org_matrix_acme', 'user_matrix_bob', 'org:admin');
select public.set_membership('org_matrix_acme', 'user_matrix_' || name)
from unnest('{carol,rita,bea,dan,pia}'::text[]) name;
select public.set_membership('org_matrix_globex', 'user_matrix_otto');
select public.remove_membership('org_matrix_acme', 'user_matrix_rita');
select public.delete_user('user_matrix_dan');
select public.record_session('sess_matrix_' || name, 'user_matrix_' || name)
from unnest('{alice,bob,carol,rita,otto,olga,bea,dan,pia}'::text[]) name;
select public.record_snapshots('subscription', jsonb_build_array(jsonb_build_object(
  'p_external_id', 'csub_item_matrix_' || name, 'p_user_external_id', 'user_matrix_' || name, 'p_plan', 'pro', 'p_status', 'active'
)))
from unnest('{alice,bob,carol,rita,otto,olga,bea,dan,pia}'::text[]) name;
select
  public.record_snapshots('subscription', jsonb_build_array(jsonb_build_object(
    'p_external_id', 'csub_item_matrix_' || name, 'p_organization_external_id', 'org_matrix_' || name, 'p_plan', 'pro',
    'p_status', 'active'
  ))),
  public.record_snapshots('invitation', jsonb_build_array(jsonb_build_object(
    'p_external_id', 'orginv_matrix_' || name, 'p_organization_external_id', 'org_matrix_' || name, 'p_status', 'accepted',
    'p_email', 'carol@example.test', 'p_clerk_role', 'org:member', 'p_inviter_external_id', 'user_matrix_carol',
    'p_user_external_id', 'user_matrix_carol'
  )))
from unnest('{acme,globex}'::text[]) name;

-- What a person sees: the names in the rows of our people, or the SQLSTATE.
create temporary table looks (table_name text primary key, sql text not null);
insert into looks
values
  ('users', $$ select full_name from public.users where external_id like 'user\_matrix\_%' $$),
  ('public_user_data', $$ select full_name from public.public_user_data where external_id like 'user\_matrix\_%' $$),
  ('organizations', $$ select name from public.organizations where external_id like 'org\_matrix\_%' $$),
  (
    'organization_members',
    $$
    select (select person from names n where n.id = m.user_id) || ' in ' || (select person from names n where n.id = m.organization_id)
    from public.organization_members m
    where m.organization_id in (select id from names)
    $$
  ),
  ('user_sessions', $$ select replace(external_id, 'sess_matrix_', '') from public.user_sessions where external_id like 'sess\_matrix\_%' $$),
  (
    'subscriptions',
    $$ select replace(external_id, 'csub_item_matrix_', '') from public.subscriptions where external_id like 'csub\_item\_matrix\_%' $$
  ),
  (
    'organization_invitations',
    $$ select replace(external_id, 'orginv_matrix_', '') from public.organization_invitations where external_id like 'orginv\_matrix\_%' $$
  );

create temporary table names as
select id, full_name as person from public.users where external_id like 'user\_matrix\_%'
union all
select id, name from public.organizations where external_id like 'org\_matrix\_%';
grant select on names to anon, authenticated, service_role;

-- What a person may write: how many rows, or the SQLSTATE.
create temporary table writes (table_name text, command text, sql text not null, primary key (table_name, command));
insert into writes
values
  ('users', 'insert', $$ insert into public.users (external_id, email) values ('user_matrix_new', '') $$),
  ('users', 'update', $$ update public.users set full_name = 'x' where true $$),
  ('users', 'delete', $$ delete from public.users where true $$),
  ('public_user_data', 'insert', $$ insert into public.public_user_data (id, external_id, email) values (gen_random_uuid(), 'user_matrix_new', '') $$),
  ('public_user_data', 'update', $$ update public.public_user_data set full_name = 'x' where true $$),
  ('public_user_data', 'delete', $$ delete from public.public_user_data where true $$),
  ('organizations', 'insert', $$ insert into public.organizations (external_id, name) values ('org_matrix_new', '') $$),
  ('organizations', 'update', $$ update public.organizations set timezone = 'Europe/Rome' where external_id like 'org\_matrix\_%' $$),
  ('organizations', 'delete', $$ delete from public.organizations where true $$),
  ('organization_members', 'insert', $$ insert into public.organization_members (organization_id, user_id) values (gen_random_uuid(), gen_random_uuid()) $$),
  ('organization_members', 'update', $$ update public.organization_members set role = 'owner' where true $$),
  ('organization_members', 'delete', $$ delete from public.organization_members where true $$),
  ('user_sessions', 'insert', $$ insert into public.user_sessions (external_id, user_external_id, status, created_at, updated_at) values ('x', 'x', 'x', now(), now()) $$),
  ('user_sessions', 'update', $$ update public.user_sessions set status = 'x' where true $$),
  ('user_sessions', 'delete', $$ delete from public.user_sessions where true $$),
  ('subscriptions', 'insert', $$ insert into public.subscriptions (external_id, user_external_id, status, created_at, updated_at) values ('x', 'x', 'x', now(), now()) $$),
  ('subscriptions', 'update', $$ update public.subscriptions set plan = 'x' where true $$),
  ('subscriptions', 'delete', $$ delete from public.subscriptions where true $$),
  ('organization_invitations', 'insert', $$ insert into public.organization_invitations (external_id, organization_external_id, email, role, clerk_role, status, created_at, updated_at) values ('x', 'x', 'x', 'x', 'x', 'x', now(), now()) $$),
  ('organization_invitations', 'update', $$ update public.organization_invitations set role = 'x' where true $$),
  ('organization_invitations', 'delete', $$ delete from public.organization_invitations where true $$);

create function pg_temp.as_person(p_person text, p_sql text)
returns text
language plpgsql
as $$
declare
  v_token constant jsonb := (select token from people where person = p_person);
  v_result text;
  v_rows bigint;
begin
  perform set_config('request.jwt.claims', coalesce('{"role": "authenticated"}' || v_token, '{"role": "anon"}')::text, true);
  execute format('set local role %I', current_setting('request.jwt.claims')::jsonb ->> 'role');
  begin
    if p_sql ~ '^\s*select' then
      execute format('select coalesce(string_agg(name, '', '' order by name), ''nothing'') from (%s) seen (name)', p_sql)
      into v_result;
    else
      execute p_sql;
      get diagnostics v_rows = row_count;
      -- What was written must not show in the next attempt.
      raise exception using errcode = 'P0001', message = v_rows || ' rows';
    end if;
  exception
    when raise_exception then
      v_result := sqlerrm;
    when insufficient_privilege then
      v_result := sqlstate;
  end;
  reset role;
  perform set_config('request.jwt.claims', '', true);
  return v_result;
end;
$$;

create temporary table expected (matrix text, table_name text, command text, result text, primary key (matrix, table_name, command));

insert into expected
select matrix, table_name, 'select', result
from (
  values
    ('anon', '42501', '42501', '42501', '42501', '42501', '42501', '42501'),
    ('owner', 'alice', 'alice, bea, bob, carol, pia', 'acme', 'alice in acme, bea in acme, bob in acme, carol in acme, dan in acme, pia in acme', 'alice', 'acme, alice', 'acme'),
    ('admin', 'bob', 'alice, bea, bob, carol, pia', 'acme', 'alice in acme, bea in acme, bob in acme, carol in acme, dan in acme, pia in acme', 'bob', 'acme, bob', 'acme'),
    ('member', 'carol', 'alice, bea, bob, carol, pia', 'acme', 'alice in acme, bea in acme, bob in acme, carol in acme, dan in acme, pia in acme', 'carol', 'acme, carol', 'nothing'),
    ('removed member', 'rita', 'rita', 'nothing', 'nothing', 'rita', 'rita', 'nothing'),
    ('member of another organization', 'otto', 'olga, otto', 'globex', 'olga in globex, otto in globex', 'otto', 'globex, otto', 'nothing'),
    ('banned', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'),
    ('deleted', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'),
    ('pending', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'),
    (
      'backend',
      'alice, bea, bob, carol, dan, olga, otto, pia, rita',
      'alice, bea, bob, carol, dan, olga, otto, pia, rita',
      'acme, globex',
      'alice in acme, bea in acme, bob in acme, carol in acme, dan in acme, olga in globex, otto in globex, pia in acme',
      'alice, bea, bob, carol, dan, olga, otto, pia, rita',
      'acme, alice, bea, bob, carol, dan, globex, olga, otto, pia, rita',
      'acme, globex'
    )
) seen (
  matrix, users, public_user_data, organizations, organization_members, user_sessions, subscriptions, organization_invitations
)
cross join lateral (
  values
    ('users', users),
    ('public_user_data', public_user_data),
    ('organizations', organizations),
    ('organization_members', organization_members),
    ('user_sessions', user_sessions),
    ('subscriptions', subscriptions),
    ('organization_invitations', organization_invitations)
) by_table (table_name, result);

insert into expected
select matrix, table_name, command,
  case
    when matrix = 'anon' or (table_name, command) <> ('organizations', 'update') then '42501'
    when matrix = 'backend' then '2 rows'
    when matrix in ('owner', 'admin') then '1 rows'
    else '0 rows'
  end
from people
cross join writes;

select plan(280 + 12);

select is(
  pg_temp.as_person(
    person,
    case
      when command = 'select' then (select sql from looks l where l.table_name = e.table_name)
      else (select sql from writes w where w.table_name = e.table_name and w.command = e.command)
    end
  ),
  result,
  format('%s (%s), %s %s: %s', matrix, person, command, table_name, result)
)
from expected e
join people using (matrix)
order by matrix, table_name, command;

select set_eq(
  $$ select matrix, table_name, command from expected $$,
  $$
  select p.matrix, c.relname::text, command
  from people p
  cross join pg_class c
  cross join unnest('{select,insert,update,delete}'::text[]) command
  where c.relnamespace = 'public'::regnamespace
    and c.relkind in ('r', 'p', 'v', 'm', 'f')
  $$,
  'no cell is left out: every person, every table of public, every command'
);

select is(
  pg_temp.as_person('alice', $$ update public.organizations set name = 'x' where true $$),
  '42501',
  'alice, who owns acme, may not change its name'
);
select is(
  pg_temp.as_person('alice', $$ update public.organizations set timezone = 'Europe/Rome' where external_id = 'org_matrix_globex' $$),
  '0 rows',
  'alice, who owns acme, does not change the timezone of globex'
);
select is(
  pg_temp.as_person('alice', $$ update public.organizations set deleted_at = null, timezone = 'Europe/Rome' where true $$),
  '42501',
  'alice may not slip another column in'
);
select is(
  pg_temp.as_person(person, $$ update public.organizations set plan = 'pro' where external_id = 'org_matrix_acme' $$),
  result,
  format('%s and the plan of acme: %s', person, result)
)
from (values ('alice', '42501'), ('bob', '42501'), ('carol', '42501'), ('backend', '1 rows')) plans (person, result);

select public.delete_org('org_matrix_acme');
select is(
  pg_temp.as_person('alice', (select sql from looks where table_name = 'organizations')),
  'nothing',
  'nobody sees a deleted organization'
);
select is(
  pg_temp.as_person('carol', (select sql from looks where table_name = 'public_user_data')),
  'carol',
  'and those who only shared that one see each other no more'
);
select is(
  pg_temp.as_person('alice', (select sql from looks where table_name = 'subscriptions')),
  'alice',
  'nor what it pays for'
);
select is(
  pg_temp.as_person('alice', (select sql from looks where table_name = 'organization_invitations')),
  'nothing',
  'nor whom it invited, not even its owner'
);

select * from finish();
rollback;
