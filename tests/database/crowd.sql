-- Access of more people than a delivery can write ends at once; the rows follow, by whoever comes by.
begin;
set local search_path = public, extensions;
select plan(17);

-- More than are written at once.
create temporary table numbers as select n from generate_series(1, 1200) n;

create function pg_temp.pages(p_object text, p_rpc text)
returns bigint
language plpgsql
as $$
declare
  v_applied bigint := 0;
  v_page jsonb;
begin
  for v_page in execute format('select jsonb_agg(%s) from numbers group by n / 1000', p_object) loop
    execute format('select $2 + (public.%I($1) ->> ''applied'')::bigint', p_rpc) into v_applied using v_page, v_applied;
  end loop;
  return v_applied;
end;
$$;

select is(pg_temp.pages($$ jsonb_build_object('p_external_id', 'user_crowd_' || n) $$, 'sync_upsert_users'), 1200::bigint, '1,200 users');
select public.upsert_org_with_owner('org_crowd', 'Crowd', 'crowd');
select public.upsert_org_with_owner('org_crowd_small', 'Small', p_created_by => 'user_crowd_1');
select is(
  pg_temp.pages(
    $$ jsonb_build_object('p_organization_external_id', 'org_crowd', 'p_user_external_id', 'user_crowd_' || n,
      'p_external_id', 'orgmem_crowd_' || n) $$,
    'sync_set_memberships'
  ),
  1200::bigint,
  'are in one organization'
);

create temporary view status as
select o.external_id as organization, u.external_id as "user", m.status
from public.organization_members m
join public.organizations o on o.id = m.organization_id
join public.users u on u.id = m.user_id
where o.external_id like 'org\_crowd%';

create function pg_temp.seen_by(p_user text)
returns text
language plpgsql
as $$
declare
  v_seen text;
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', p_user, 'role', 'authenticated')::text, true);
  set local role authenticated;
  select coalesce(string_agg(name, ', ' order by name), 'nothing') into v_seen from public.organizations;
  reset role;
  return v_seen;
end;
$$;

select is(pg_temp.seen_by('user_crowd_1'), 'Crowd, Small', 'a member sees it');
select is(public.delete_org('org_crowd'), 'applied', 'the deletion is applied');
select is(
  pg_temp.seen_by('user_crowd_1') || '; ' || pg_temp.seen_by('user_crowd_1200'), 'Small; nothing', 'and nobody sees it any more'
);
select is((select count(*) from status where status = 'active' and organization = 'org_crowd'), 1200::bigint, 'before a row says so');
select is(
  (select count(*) from public.sync_list_memberships(p_organization_external_id => 'org_crowd')), 0::bigint, 'none is a membership'
);
select is(
  public.set_membership('org_crowd', 'user_crowd_2', 'org:admin', 'orgmem_crowd_2', p_updated_at => now() + interval '1 hour'),
  'applied',
  'what is still said of a member is written'
);
select is(
  (select status from status where organization = 'org_crowd' and "user" = 'user_crowd_2'), 'inactive', 'as inactive at once'
);
select public.upsert_user('user_crowd_1', p_event_id => 'msg_crowd_1');
select is(
  (select count(*) from status where status = 'active' and organization = 'org_crowd'), 0::bigint, 'the next event writes the rows'
);
select is((select count(*) from clerk_sync.unsettled), 0::bigint, 'and then nothing is left');
select is(
  (select status from status where organization = 'org_crowd_small'), 'active', 'members elsewhere stay'
);

select is(
  pg_temp.pages($$ jsonb_build_object('p_external_id', 'org_crowd_of_' || n, 'p_name', 'Of one') $$, 'sync_upsert_orgs')
    + pg_temp.pages(
      $$ jsonb_build_object('p_organization_external_id', 'org_crowd_of_' || n, 'p_user_external_id', 'user_crowd_3',
        'p_external_id', 'orgmem_crowd_of_' || n) $$,
      'sync_set_memberships'
    ),
  2400::bigint,
  'somebody is in 1,200 organizations'
);
create temporary table locks as select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory';
select is(public.delete_user('user_crowd_3'), 'applied', 'and is deleted');
select cmp_ok(
  (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory') - (select count from locks),
  '<', 20::bigint, 'for a few locks: the server has some thousand for everybody'
);
select is(pg_temp.seen_by('user_crowd_3'), 'nothing', 'sees nothing any more');
select public.sync_status();
select is(
  (select count(*) from status where "user" = 'user_crowd_3' and status = 'active') + (select count(*) from clerk_sync.unsettled),
  0::bigint,
  'and who asks for the status writes the rows'
);

select * from finish();
rollback;
