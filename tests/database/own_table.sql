-- The example of supabase/docs/your-app.md: a table of the app's own, whose policies ask the helper functions.
begin;
set local search_path = public, extensions;
select plan(14);

create table public.tasks (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id),
  -- To public_user_data, so that tasks?select=title,public_user_data(full_name) shows whose it is. To users does as well.
  created_by uuid not null default public.my_user_id() references public.public_user_data (id),
  title text not null
);
create index on public.tasks (organization_id);
alter table public.tasks enable row level security;
revoke all on public.tasks from anon, authenticated, service_role;
grant select, insert, update (title), delete on public.tasks to authenticated;

create policy "members read tasks" on public.tasks for select to authenticated
  using (organization_id = any (array(select public.my_organization_ids())));
create policy "members add tasks of their own" on public.tasks for insert to authenticated
  with check (
    organization_id = any (array(select public.my_organization_ids()))
    and created_by = (select public.my_user_id())
  );
create policy "members change tasks of their own" on public.tasks for update to authenticated
  using (
    organization_id = any (array(select public.my_organization_ids()))
    and created_by = (select public.my_user_id())
  );
create policy "owners and admins delete tasks" on public.tasks for delete to authenticated
  using (organization_id = any (array(select public.my_organization_ids('{owner,admin}'))));

select public.upsert_user('user_task_' || name) from unnest('{ada,bob,otto}'::text[]) name;
select public.upsert_org_with_owner('org_task_engines', 'engines', p_created_by => 'user_task_ada');
select public.upsert_org_with_owner('org_task_looms', 'looms', p_created_by => 'user_task_otto');
select public.set_membership('org_task_engines', 'user_task_bob');

create temporary table ids as
select external_id, id from public.organizations where external_id like 'org\_task\_%'
union all
select external_id, id from public.users where external_id like 'user\_task\_%';
grant select on ids to authenticated;

create function pg_temp.id(p_external_id text)
returns uuid
language sql
as $$ select id from ids where external_id = p_external_id $$;

create function pg_temp.sign_in(p_user text)
returns void
language sql
as $$ select set_config('request.jwt.claims', json_build_object('sub', p_user, 'role', 'authenticated')::text, true) $$;

set local role authenticated;

select pg_temp.sign_in('user_task_bob');
select lives_ok(
  $$ insert into public.tasks (organization_id, title) values (pg_temp.id('org_task_engines'), 'Oil the mill') $$,
  'a member adds a task'
);
select is((select created_by from public.tasks), pg_temp.id('user_task_bob'), 'which is his');
select throws_ok(
  $$ insert into public.tasks (organization_id, title) values (pg_temp.id('org_task_looms'), 'x') $$,
  '42501',
  null,
  'but none to another organization'
);
select throws_ok(
  $$
  insert into public.tasks (organization_id, created_by, title)
  values (pg_temp.id('org_task_engines'), pg_temp.id('user_task_ada'), 'x')
  $$,
  '42501',
  null,
  'nor in another''s name'
);
select lives_ok($$ update public.tasks set title = 'Oil the store' where true $$, 'he changes his task');
select throws_ok(
  $$ update public.tasks set organization_id = pg_temp.id('org_task_looms') where true $$,
  '42501',
  null,
  'but does not move it'
);
select is_empty($$ delete from public.tasks where true returning id $$, 'and does not delete it');

select pg_temp.sign_in('user_task_otto');
select is_empty($$ select from public.tasks $$, 'a member of another organization sees no task');
select is_empty($$ update public.tasks set title = 'x' where true returning id $$, 'and changes none');

select pg_temp.sign_in('user_task_ada');
select results_eq($$ select title from public.tasks $$, $$ values ('Oil the store') $$, 'the owner sees the task');
select is_empty($$ update public.tasks set title = 'x' where true returning id $$, 'does not change it');

reset role;
select public.remove_membership('org_task_engines', 'user_task_bob');
set local role authenticated;
select pg_temp.sign_in('user_task_bob');
select is_empty($$ select from public.tasks $$, 'a removed member sees not even his own');

select pg_temp.sign_in('user_task_ada');
select results_eq(
  $$ with deleted as (delete from public.tasks where true returning id) select count(*) from deleted $$,
  $$ values (1::bigint) $$,
  'the owner deletes it'
);

set local enable_seqscan = off;
create function pg_temp.plan()
returns setof text
language plpgsql
as $$ begin return query execute 'explain (costs off) select * from public.tasks'; end; $$;
-- Versions of PostgreSQL name the array in words of their own.
select isnt_empty(
  $$ select from pg_temp.plan() line where line like '%Index Cond: (organization_id = ANY (%' $$,
  'an index on organization_id finds what the policy lets through'
);

select * from finish();
rollback;
