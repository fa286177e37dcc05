-- The example of supabase/docs/your-app.md: a table of profiles that a trigger of the app's own feeds.
begin;
set local search_path = public, extensions;
select plan(14);

select public.upsert_user('user_profile_ada', p_full_name => 'Ada Lovelace');

create table public.profiles (
  user_id uuid primary key references public.users (id) on delete cascade,
  -- Follow Clerk.
  full_name text,
  avatar_url text,
  -- The user's own.
  bio text not null default ''
);
alter table public.profiles enable row level security;
revoke all on public.profiles from anon, authenticated, service_role;
grant select, update (bio) on public.profiles to authenticated;

create policy "users read the profiles of themselves and of colleagues" on public.profiles for select to authenticated
  using (
    user_id = (select public.my_user_id())
    or user_id = any (array(select public.my_colleague_ids()))
  );
create policy "users change their own profile" on public.profiles for update to authenticated
  using (user_id = (select public.my_user_id()));

create function public.profile_follows()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.profiles (user_id, full_name, avatar_url)
  values (new.id, new.full_name, new.avatar_url)
  on conflict (user_id) do update
  set full_name = excluded.full_name,
      avatar_url = excluded.avatar_url;
  return null;
end;
$$;
revoke execute on function public.profile_follows() from public, anon, authenticated, service_role;

create trigger profile_follows
  after insert or update of full_name, avatar_url on public.users
  for each row
  execute function public.profile_follows();

-- Those who were there before.
insert into public.profiles (user_id, full_name, avatar_url)
select id, full_name, avatar_url
from public.users
on conflict (user_id) do nothing;

create function pg_temp.profile(p_user text)
returns setof text
language sql
as $$
  select concat_ws(' ', p.full_name, p.avatar_url, p.bio)
  from public.profiles p
  join public.users u on u.id = p.user_id
  where u.external_id = p_user
$$;

create function pg_temp.sign_in(p_user text)
returns void
language sql
as $$ select set_config('request.jwt.claims', json_build_object('sub', p_user, 'role', 'authenticated')::text, true) $$;

select is(pg_temp.profile('user_profile_ada'), 'Ada Lovelace ', 'who was there before has a profile');
select public.upsert_user('user_profile_bob', p_full_name => 'Bob', p_avatar_url => 'https://img.example/bob');
select is(pg_temp.profile('user_profile_bob'), 'Bob https://img.example/bob ', 'and who comes after it');

select public.upsert_org_with_owner('org_profile_engines', 'engines', p_created_by => 'user_profile_ada');
select public.set_membership('org_profile_engines', 'user_profile_bob');
select public.set_membership('org_profile_engines', 'user_profile_stub');
select is(pg_temp.profile('user_profile_stub'), '', 'the stub of a user has a profile without a name');
select public.upsert_user('user_profile_stub', p_full_name => 'Stella');
select is(pg_temp.profile('user_profile_stub'), 'Stella ', 'which has one with the user''s own event');

select public.sync_upsert_users(
  '[
    {"p_external_id": "user_profile_otto", "p_full_name": "Otto"},
    {"p_external_id": "user_profile_eve", "p_full_name": "Eve"}
  ]'
);
select results_eq(
  $$ select pg_temp.profile('user_profile_otto') union all select pg_temp.profile('user_profile_eve') $$,
  $$ values ('Otto '), ('Eve ') $$,
  'and each row of a backfill''s page'
);

set local role authenticated;
select pg_temp.sign_in('user_profile_bob');
select lives_ok(
  $$ update public.profiles set bio = 'Oils the mill' where user_id = (select public.my_user_id()) $$,
  'a user writes a bio'
);
select is_empty(
  $$ update public.profiles set bio = 'x' where full_name = 'Ada Lovelace' returning user_id $$,
  'but no colleague''s'
);
select throws_ok(
  $$ update public.profiles set full_name = 'x' where user_id = (select public.my_user_id()) $$,
  '42501',
  null,
  'nor what follows Clerk'
);
select set_eq(
  $$ select full_name from public.profiles $$,
  $$ values ('Ada Lovelace'), ('Bob'), ('Stella') $$,
  'a user sees the own profile and those of colleagues'
);
select pg_temp.sign_in('user_profile_otto');
select results_eq(
  $$ select full_name from public.profiles $$,
  $$ values ('Otto') $$,
  'who has no colleagues sees the own alone'
);
set local role anon;
select throws_ok($$ select from public.profiles $$, '42501', null, 'without a token nobody sees any');
reset role;

select public.upsert_user('user_profile_bob', p_full_name => 'Bob Mill', p_updated_at => now() + interval '1 second');
select is(pg_temp.profile('user_profile_bob'), 'Bob Mill Oils the mill', 'a new name arrives, and the bio stays');

select public.delete_user('user_profile_bob');
set local role authenticated;
select pg_temp.sign_in('user_profile_bob');
select is_empty($$ select from public.profiles $$, 'who is deleted sees none');
reset role;
select public.sync_erase_user('user_profile_bob');
select is(pg_temp.profile('user_profile_bob'), 'Oils the mill', 'an erasure reaches what follows Clerk, and not the bio');

select * from finish();
rollback;
