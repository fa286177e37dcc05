-- What drift checks and backfills ask besides: what lives here, which instance it is of, and how the last run went.
begin;
set local search_path = public, extensions;
select plan(19);

select public.sync_upsert_users('[{"p_external_id": "user_list_a"}, {"p_external_id": "user_list_b"}, {"p_external_id": "user_list_c"}]');
select public.delete_user('user_list_b');
select public.upsert_org_with_owner('org_list_a', 'A', p_created_by => 'user_list_a');
select public.sync_upsert_orgs('[{"p_external_id": "org_list_b", "p_name": "B"}, {"p_external_id": "org_list_c", "p_name": "C"}]');
select public.delete_org('org_list_b');
select public.set_membership('org_list_c', 'user_list_c', p_external_id => 'orgmem_c');
select public.set_membership('org_list_b', 'user_list_c', p_external_id => 'orgmem_b');

select results_eq(
  $$ select external_id from public.sync_list_users('user_list_') where external_id like 'user\_list\_%' $$, $$ values ('user_list_a'), ('user_list_c') $$, 'users who are not deleted are listed'
);
select results_eq($$ select external_id from public.sync_list_users('user_list_a') where external_id like 'user\_list\_%' $$, $$ values ('user_list_c') $$, 'from one on');
select results_eq($$ select external_id from public.sync_list_users('user_list_', 1) $$, $$ values ('user_list_a') $$, 'as many as wanted');
select results_eq(
  $$ select external_id from public.sync_list_orgs('org_list_') where external_id like 'org\_list\_%' $$,
  $$ values ('org_list_a'), ('org_list_c') $$,
  'organizations that are not deleted are listed'
);
select results_eq($$ select external_id from public.sync_list_orgs('org_list_a') where external_id like 'org\_list\_%' $$, $$ values ('org_list_c') $$, 'from one on');
select set_eq(
  $$
  select external_id, organization_external_id, user_external_id
  from public.sync_list_memberships(p_user_external_id => 'user_list_c')
  $$,
  $$ values ('orgmem_c', 'org_list_c', 'user_list_c') $$,
  'the active memberships of one user are listed'
);
select set_eq(
  $$ select external_id from public.sync_list_memberships(p_organization_external_id => 'org_list_a') $$,
  $$ values ('org_list_a:user_list_a') $$,
  'and those of one organization, each by the id that its removal takes'
);
select public.set_membership('org_list_c', 'user_list_a', p_external_id => 'orgmem_a');
select is(
  (
    select count(distinct listed.external_id)
    from public.sync_list_memberships(null, 1, p_organization_external_id => 'org_list_c') first
    cross join lateral (
      select first.external_id
      union all
      select next.external_id
      from public.sync_list_memberships(first.id, p_organization_external_id => 'org_list_c') next
    ) listed
  ),
  2::bigint,
  'page by page none is left out'
);
select public.remove_membership('org_list_a', 'user_list_a', p_external_id => 'org_list_a:user_list_a');
select is(
  (select count(*) from public.sync_list_memberships(p_organization_external_id => 'org_list_a')),
  0::bigint,
  'a membership without an orgmem_ id can be removed by what is listed'
);

delete from clerk_sync.instance where true;
select is(public.sync_bound_instance(), null, 'at first no instance is followed');
select is(public.sync_bind_instance('ins_a'), 'bound', 'the first one is taken');
select is(public.sync_bind_instance('ins_a'), 'same', 'again it is the same');
select is(public.sync_bind_instance('ins_b'), 'other', 'another one is refused');
select is(public.sync_bound_instance(), 'ins_a', 'and changes nothing');
select is(public.sync_bind_instance('ins_b', true), 'bound', 'but for a switch');

select public.sync_save_run('00000000-0000-4000-8000-000000000001', 'backfill', '{"n": 1}');
select public.sync_save_run('00000000-0000-4000-8000-000000000001', 'backfill', '{"n": 2}');
select is(
  (select to_jsonb(r) - 'started_at' - 'updated_at' from jsonb_to_record(public.sync_last_run('backfill')) as r (
    id text, kind text, state jsonb, started_at text, updated_at text, finished_at text
  )),
  '{"id": "00000000-0000-4000-8000-000000000001", "kind": "backfill", "state": {"n": 2}, "finished_at": null}',
  'a run is found as it was last saved'
);
select public.sync_save_run('00000000-0000-4000-8000-000000000002', 'drift', '{"differences": 0}', true);
select isnt(public.sync_last_run('drift') ->> 'finished_at', null, 'a run may be finished');
select is(
  public.sync_status() -> 'last_drift_check' -> 'state', '{"differences": 0}', 'the status shows the last drift check'
);
select throws_ok(
  $$ select public.sync_save_run('00000000-0000-4000-8000-000000000003', 'other', '{}') $$,
  '23514',
  null,
  'another kind of run is refused'
);

select * from finish();
rollback;
