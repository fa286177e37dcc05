-- The example of supabase/docs/reacting.md: files in folders of an organization and of a user, in Supabase Storage.
begin;
set local search_path = public, extensions;
select plan(11);

-- What the policies see of Storage, where there is none.
do $$
begin
  if to_regclass('storage.objects') is null then
    create schema storage;
    grant usage on schema storage to authenticated;
    create table storage.buckets (id text primary key, name text not null);
    create table storage.objects (
      id uuid primary key default gen_random_uuid(),
      bucket_id text references storage.buckets (id),
      name text not null
    );
    alter table storage.objects enable row level security;
    grant select, insert, update, delete on storage.objects to authenticated;
    create function storage.foldername(name text)
    returns text[]
    language sql
    immutable
    as 'select parts[1:cardinality(parts) - 1] from string_to_array(name, ''/'') parts';
  end if;
end;
$$;

insert into storage.buckets (id, name)
values ('files', 'files');

create policy "members read files of their organizations" on storage.objects for select to authenticated
  using (
    bucket_id = 'files'
    and (storage.foldername(name))[1] = any (array(select external_id from public.my_organizations()))
  );
create policy "members add files to their organizations" on storage.objects for insert to authenticated
  with check (
    bucket_id = 'files'
    and (storage.foldername(name))[1] = any (array(select external_id from public.my_organizations()))
  );
create policy "owners and admins delete files of their organizations" on storage.objects for delete to authenticated
  using (
    bucket_id = 'files'
    and (storage.foldername(name))[1] = any (
      array(select external_id from public.my_organizations() where role in ('owner', 'admin'))
    )
  );
create policy "users read files of their own" on storage.objects for select to authenticated
  using (
    bucket_id = 'files'
    and (storage.foldername(name))[1] = (select external_id from public.my_user())
  );
create policy "users add files of their own" on storage.objects for insert to authenticated
  with check (
    bucket_id = 'files'
    and (storage.foldername(name))[1] = (select external_id from public.my_user())
  );

select public.upsert_user('user_files_ada');
select public.upsert_user('user_files_bob');
select public.upsert_org_with_owner('org_files', 'Engines', p_created_by => 'user_files_ada');
select public.set_membership('org_files', 'user_files_bob', p_external_id => 'orgmem_files_bob');
insert into storage.objects (bucket_id, name)
values ('files', 'org_files/plan.pdf'), ('files', 'org_other/plan.pdf'), ('files', 'user_files_ada/note.txt'), ('files', 'lost.txt');

create function pg_temp.as_user(p_user text, p_claims jsonb default '{}')
returns void
language plpgsql
as $$
begin
  reset role;
  perform set_config('request.jwt.claims', (jsonb_build_object('sub', p_user, 'role', 'authenticated') || p_claims)::text, true);
  set local role authenticated;
end;
$$;

select pg_temp.as_user('user_files_ada');
select results_eq(
  'select name from storage.objects order by name', $$ values ('org_files/plan.pdf'), ('user_files_ada/note.txt') $$,
  'a member sees the files of the organization and the own, and no others'
);
select pg_temp.as_user('user_files_bob');
select results_eq(
  'select name from storage.objects order by name', $$ values ('org_files/plan.pdf') $$,
  'another member sees those of the organization'
);
select lives_ok(
  $$ insert into storage.objects (bucket_id, name) values ('files', 'org_files/by_bob.txt') $$,
  'a member adds a file to the organization'
);
select lives_ok(
  $$ insert into storage.objects (bucket_id, name) values ('files', 'user_files_bob/a/b.txt') $$,
  'and one to the own folder, in a folder of it'
);
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('files', 'user_files_ada/by_bob.txt') $$, '42501', null,
  'but none to somebody else''s'
);
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('files', 'org_other/by_bob.txt') $$, '42501', null,
  'none to an organization of others'
);
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('files', 'org_files') $$, '42501', null,
  'and none that is in no folder'
);
select is_empty(
  $$ delete from storage.objects where name = 'org_files/plan.pdf' returning name $$, 'a member deletes none'
);
select pg_temp.as_user('user_files_ada');
select results_eq(
  $$ delete from storage.objects where name = 'org_files/by_bob.txt' returning name $$, $$ values ('org_files/by_bob.txt') $$,
  'the owner does'
);

reset role;
select public.remove_membership('org_files', 'user_files_bob', 'orgmem_files_bob');
select pg_temp.as_user('user_files_bob');
select results_eq(
  'select name from storage.objects', $$ values ('user_files_bob/a/b.txt') $$,
  'who was removed sees the own files alone'
);
reset role;
select public.upsert_user('user_files_bob', p_banned => true);
select pg_temp.as_user('user_files_bob');
select is_empty('select name from storage.objects', 'and who was banned none');

select * from finish();
rollback;
