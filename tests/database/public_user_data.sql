-- What people see of each other: six columns of users, whatever else there is or an app adds; of oneself everything.
begin;
set local search_path = public, extensions;
select plan(22);

select columns_are(
  'public',
  'public_user_data',
  '{id,external_id,full_name,avatar_url,username,email}',
  'what is shared is a list that we own'
);

alter table public.users add column salary integer not null default 0;

select public.upsert_user(
  'user_shared_' || name, name || '@example.com', initcap(name), 'https://img.test/' || name, name,
  p_public_metadata => jsonb_build_object('secret_of', name), p_banned => name = 'bea',
  p_updated_at => '2026-01-01'
)
from unnest('{ada,bea,otto}'::text[]) name;
select public.upsert_org_with_owner('org_shared', 'Engines', p_created_by => 'user_shared_ada');
select public.set_membership('org_shared', 'user_shared_bea');
update public.users set salary = 100 where external_id like 'user\_shared\_%';

create function pg_temp.sign_in(p_user text)
returns void
language sql
as $$ select set_config('request.jwt.claims', json_build_object('sub', p_user, 'role', 'authenticated')::text, true) $$;

create function pg_temp.shared(p_user text)
returns text
language sql
as $$
  select concat_ws('|', full_name, avatar_url, username, email)
  from public.public_user_data
  where external_id = p_user
$$;

select pg_temp.sign_in('user_shared_ada');
set local role authenticated;
select results_eq(
  $$ select to_jsonb(u) - 'id' - 'created_at' from public.users u $$,
  $$
  values (
    jsonb_build_object(
      'external_id', 'user_shared_ada', 'email', 'ada@example.com', 'full_name', 'Ada', 'avatar_url', 'https://img.test/ada',
      'username', 'ada', 'banned', false, 'deprovisioned', false, 'public_metadata', '{"secret_of": "ada"}'::jsonb,
      'updated_at', '2026-01-01T00:00:00+00:00'::timestamptz, 'deleted_at', null, 'salary', 100
    )
  )
  $$,
  'ada reads all of her own row, what the app added too, and no other'
);
select results_eq(
  $$ select to_jsonb(d) - 'id' from public.public_user_data d where username = 'bea' $$,
  $$
  values (
    jsonb_build_object(
      'external_id', 'user_shared_bea', 'email', 'bea@example.com', 'full_name', 'Bea', 'avatar_url', 'https://img.test/bea',
      'username', 'bea'
    )
  )
  $$,
  'and of bea what is shared: not whether she is banned, nor her metadata, nor her salary'
);
select results_eq(
  $$
  select d.full_name::text
  from public.organization_members m
  join public.public_user_data d on d.id = m.user_id
  order by 1
  $$,
  $$ values ('Ada'), ('Bea') $$,
  'a team is shown with its names'
);
select is((select count(*) from public.public_user_data), 2::bigint, 'and nobody of no organization of hers');
reset role;

-- It follows users, in the same transaction, whoever writes them.
select public.upsert_user('user_shared_bea', 'b@example.com', p_banned => true, p_updated_at => '2026-01-02');
select is(pg_temp.shared('user_shared_bea'), 'b@example.com', 'a snapshot changes what is shared');
select public.upsert_user('user_shared_bea', 'a@example.com', 'Old', p_updated_at => '2025-12-31');
select is(pg_temp.shared('user_shared_bea'), 'b@example.com', 'an older one does not');
update public.users set full_name = 'By Hand' where external_id = 'user_shared_bea';
select is(pg_temp.shared('user_shared_bea'), 'By Hand|b@example.com', 'a change by hand does');
select is(
  (select count(*) from public.users u full join public.public_user_data d using (id) where u.id is null or d.id is null),
  0::bigint,
  'each user has a row, and each row a user'
);

create temporary table written as select xmin::text as writer, ctid as place from public.public_user_data where external_id = 'user_shared_bea';
select public.upsert_user(
  'user_shared_bea', 'b@example.com', 'By Hand', p_banned => false, p_public_metadata => '{"new": 1}', p_updated_at => '2026-01-03'
);
select results_eq(
  $$ select xmin::text, ctid from public.public_user_data where external_id = 'user_shared_bea' $$,
  $$ select writer, place from written $$,
  'a change of what is not shared writes nothing there'
);

-- What an app does to a row before it is stored is what is shared.
create function pg_temp.lower_email()
returns trigger
language plpgsql
as $$
begin
  new.email := lower(new.email);
  return new;
end;
$$;
create trigger lower_email before insert or update on public.users for each row execute function pg_temp.lower_email();
select public.upsert_user('user_shared_bea', 'B@Example.com', 'Bea', p_updated_at => '2026-01-04');
select is(pg_temp.shared('user_shared_bea'), 'Bea|b@example.com', 'what an app''s trigger makes of a row is shared');
drop trigger lower_email on public.users;

-- A role that an app lets write users needs no grant on what is shared.
grant insert, update (full_name), select on public.users to service_role;
set local role service_role;
update public.users set full_name = 'By The App' where external_id = 'user_shared_bea';
select lives_ok(
  $$ insert into public.users (external_id, email) values ('user_shared_new', 'n@example.com') $$,
  'an app that may write users does'
);
reset role;
select is(pg_temp.shared('user_shared_bea'), 'By The App|b@example.com', 'and what it changes is shared');
select is(pg_temp.shared('user_shared_new'), 'n@example.com', 'as is whom it adds');

select throws_ok(call, code, null, what)
from (
  values
    ($$ delete from public.users where external_id = 'user_shared_bea' $$,
      '23503', 'a user who is a member is not removed by hand'),
    ($$ delete from public.public_user_data where external_id = 'user_shared_bea' $$,
      '23503', 'nor is what is shared of a member')
) as refused (call, code, what);
delete from public.users where external_id = 'user_shared_otto';
select is(pg_temp.shared('user_shared_otto'), null, 'without a user nothing is shared');

-- A policy asks for colleagues in two parts.
insert into public.users (id, external_id, email)
select id, 'user_edge_' || left(id::text, 1), ''
from unnest(
  '{00000000-0000-0000-0000-000000000000, 7fffffff-ffff-ffff-ffff-ffffffffffff,
    80000000-0000-0000-0000-000000000000, ffffffff-ffff-ffff-ffff-ffffffffffff}'::uuid[]
) id;
insert into public.organization_members (organization_id, user_id)
select o.id, u.id
from public.organizations o
cross join public.users u
where o.external_id = 'org_shared'
  and u.external_id like 'user\_edge\_%';
set local role authenticated;
select results_eq(
  $$ select external_id::text from public.public_user_data where external_id like 'user\_edge\_%' order by id $$,
  $$ values ('user_edge_0'), ('user_edge_7'), ('user_edge_8'), ('user_edge_f') $$,
  'a colleague is shown whatever the id'
);
select set_eq(
  $$
  select public.my_colleague_ids('7fffffff-ffff-ffff-ffff-ffffffffffff', '80000000-0000-0000-0000-000000000000')
  $$,
  $$ values ('7fffffff-ffff-ffff-ffff-ffffffffffff'::uuid), ('80000000-0000-0000-0000-000000000000') $$,
  'colleagues can be asked for from one id to another'
);
select set_eq(
  $$ select public.my_colleague_ids() $$,
  $$ select id from public.public_user_data $$,
  'and all of them are those who are shown'
);
reset role;
delete from public.organization_members where user_id in (select id from public.users where external_id like 'user\_edge\_%');

-- Who is deleted is shown to nobody; the row stays, for others refer to it.
select public.delete_user('user_shared_bea');
set local role authenticated;
select is((select count(*) from public.public_user_data), 1::bigint, 'a deleted colleague is shown to nobody');
reset role;
select is(pg_temp.shared('user_shared_bea'), 'By The App|b@example.com', 'sync_erase_user blanks what is shared');

select * from finish();
rollback;
