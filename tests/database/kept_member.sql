-- Access ends though something of the app's keeps the row of a member.
begin;
set local search_path = public, extensions;
select plan(21);

select public.set_membership('org_kept', 'user_kept_' || n, p_external_id => 'orgmem_' || n, p_created_at => '2026-01-01')
from unnest('{me,key,restrict,deferred,not_null,raises,broken,says_nothing,cascade}'::text[]) n;

create temporary view member as
select substr(u.external_id, 11) as "user", m.status, m.id, m.external_id
from public.organization_members m
join public.users u on u.id = m.user_id
where u.external_id like 'user\_kept\_%';

create table public.key_of_the_app (member uuid constraint app_key references public.organization_members (id));
create table public.restrict_of_the_app (
  organization_id uuid,
  user_id uuid,
  constraint app_restrict foreign key (organization_id, user_id)
    references public.organization_members (organization_id, user_id) on delete restrict
);
create table public.deferred_of_the_app (
  member uuid constraint app_deferred references public.organization_members (id) deferrable initially deferred
);
create table public.not_null_of_the_app (
  member uuid not null constraint app_not_null references public.organization_members (id) on delete set null
);
create table public.cascade_of_the_app (
  member uuid constraint app_cascade references public.organization_members (id) on delete cascade
);
insert into public.key_of_the_app select id from member where "user" = 'key';
insert into public.restrict_of_the_app
select m.organization_id, m.user_id from public.organization_members m join member using (id) where "user" = 'restrict';
insert into public.deferred_of_the_app select id from member where "user" = 'deferred';
insert into public.not_null_of_the_app select id from member where "user" = 'not_null';
insert into public.cascade_of_the_app select id from member where "user" = 'cascade';

create function public.keep_of_the_app()
returns trigger
language plpgsql
as $$
declare
  v_user constant text := (select "user" from pg_temp.member where id = old.id);
begin
  if v_user = 'raises' then
    raise exception 'the last one of % stays', v_user;
  elsif v_user = 'broken' then
    insert into a_table_that_is_not_there values (1);
  elsif v_user = 'says_nothing' then
    return null;
  end if;
  return old;
end;
$$;
create trigger keep before delete on public.organization_members
  for each row execute function public.keep_of_the_app();

select is(
  public.remove_membership('org_kept', 'user_kept_' || "user", 'orgmem_' || "user", p_event_id => 'msg_kept_' || "user"),
  'applied',
  'the removal is applied: ' || "user"
)
from member
where "user" <> 'me'
order by "user";

select results_eq(
  $$ select "user", status from member order by "user" collate "C" $$,
  $$
  values
    ('broken', 'inactive'::varchar), ('deferred', 'inactive'), ('key', 'inactive'), ('me', 'active'),
    ('not_null', 'inactive'), ('raises', 'inactive'), ('restrict', 'inactive'), ('says_nothing', 'inactive')
  $$,
  'whose row is kept is inactive'
);
select lives_ok('set constraints all immediate', 'and nothing is left to fail at the commit');
select is_empty('select from public.cascade_of_the_app', 'what cascades goes with the row');

select results_eq(
  $$
  select substr(event_id, 10), error_code, error
  from clerk_sync.events
  where event_id like 'msg\_kept\_%'
  order by event_id collate "C"
  $$,
  $$
  values
    ('broken', '42P01', 'the row stays, inactive: function public.keep_of_the_app'),
    ('cascade', null, null),
    ('deferred', '23503', 'the row stays, inactive: constraint app_deferred of public.deferred_of_the_app'),
    ('key', '23503', 'the row stays, inactive: constraint app_key of public.key_of_the_app'),
    ('not_null', '23502', 'the row stays, inactive: column member of public.not_null_of_the_app'),
    ('raises', 'P0001', 'the row stays, inactive: function public.keep_of_the_app'),
    ('restrict', '23503', 'the row stays, inactive: constraint app_restrict of public.restrict_of_the_app'),
    ('says_nothing', null, 'the row stays, inactive: a trigger')
  $$,
  'the ledger says why, without a value'
);

select set_eq(
  $$ select constraint_name, table_name, referenced_table from public.sync_describe_keeping_keys() $$,
  $$
  values
    ('app_key', 'public.key_of_the_app', 'public.organization_members'),
    ('app_restrict', 'public.restrict_of_the_app', 'public.organization_members'),
    ('app_deferred', 'public.deferred_of_the_app', 'public.organization_members'),
    ('app_not_null', 'public.not_null_of_the_app', 'public.organization_members')
  $$,
  'foreign keys that keep rows are listed, those that don''t are not'
);

select is(
  public.set_membership('org_kept', 'user_kept_key', 'org:admin', 'orgmem_key_2', p_created_at => '2026-02-01'),
  'applied',
  'who rejoins is applied'
);
select results_eq(
  $$ select status, external_id from member where "user" = 'key' $$,
  $$ values ('active'::varchar, 'orgmem_key_2'::varchar) $$,
  'and active in the row that was kept'
);
select is(
  public.set_membership(
    'org_kept', 'user_kept_raises', 'org:admin', 'orgmem_raises', p_created_at => '2026-01-01', p_updated_at => '2026-03-01'
  ),
  'stale',
  'what is still said of the membership that ended is stale'
);
select is((select status from member where "user" = 'raises'), 'inactive', 'and opens nothing');
select is(
  (select count(*) from public.sync_list_memberships(p_organization_external_id => 'org_kept')),
  2::bigint,
  'the kept rows are no memberships'
);

create temporary table tokens as
select set_config('request.jwt.claims', '{"sub": "user_kept_raises", "role": "authenticated"}', true);
set local role authenticated;
select is(
  (select count(*) from public.organizations) + (select count(*) from public.organization_members)
    + (select count(*) from public.my_organizations()),
  0::bigint,
  'who left sees nothing of the organization'
);
select is((select count(*) from public.public_user_data), 1::bigint, 'nor whom it has');
select set_config('request.jwt.claims', '{"sub": "user_kept_me", "role": "authenticated"}', true);
select set_eq(
  $$ select external_id from public.public_user_data $$,
  $$ values ('user_kept_me'::varchar), ('user_kept_key') $$,
  'and is not seen by those who stay'
);

select * from finish();
rollback;
