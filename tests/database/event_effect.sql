-- The ledger tells what each event did to its row, or why it is stale.
begin;
set local search_path = public, extensions;
select plan(19);

create function pg_temp.effect_of(p_id text)
returns text
language sql
as $$
  select effect
  from clerk_sync.events
  where event_id = p_id;
$$;

select public.upsert_user('user_a', p_updated_at => '2026-01-02', p_event_id => 'msg_1');
select is(pg_temp.effect_of('msg_1'), 'created', 'a user that was not there');
select public.upsert_user('user_a', p_updated_at => '2026-01-03', p_event_id => 'msg_2');
select is(pg_temp.effect_of('msg_2'), 'changed', 'a user that was');
select public.upsert_user('user_a', p_updated_at => '2026-01-01', p_event_id => 'msg_3');
select is(pg_temp.effect_of('msg_3'), 'newer_state', 'an older state of a user');
select public.delete_user('user_a', 'msg_4', p_event_at => '2026-01-04');
select is(pg_temp.effect_of('msg_4'), 'deleted', 'the end of a user');
select public.delete_user('user_a', 'msg_5', p_event_at => '2026-01-05');
select is(pg_temp.effect_of('msg_5'), 'over', 'the end of one that had ended');
select public.delete_user('user_never', 'msg_6');
select is(pg_temp.effect_of('msg_6'), 'remembered', 'the end of one that was never seen');

select public.upsert_org_with_owner('org_a', 'Acme', p_updated_at => '2026-01-02', p_event_id => 'msg_7');
select is(pg_temp.effect_of('msg_7'), 'created', 'an organization that was not there');
select public.upsert_org_with_owner('org_a', 'Acme', p_updated_at => '2026-01-03', p_event_id => 'msg_8');
select is(pg_temp.effect_of('msg_8'), 'changed', 'an organization that was');
select public.upsert_org_with_owner('org_a', 'Acme', p_updated_at => '2026-01-01', p_event_id => 'msg_9');
select is(pg_temp.effect_of('msg_9'), 'newer_state', 'an older state of an organization');

select public.set_membership('org_a', 'user_b', 'org:member', 'orgmem_1', '2026-01-02', '2026-01-02', p_event_id => 'msg_10');
select is(pg_temp.effect_of('msg_10'), 'created', 'a membership that was not there');
select public.set_membership('org_a', 'user_b', 'org:admin', 'orgmem_1', '2026-01-02', '2026-01-03', p_event_id => 'msg_11');
select is(pg_temp.effect_of('msg_11'), 'changed', 'a membership that was');
select public.set_membership('org_a', 'user_b', 'org:member', 'orgmem_1', '2026-01-02', '2026-01-01', p_event_id => 'msg_12');
select is(pg_temp.effect_of('msg_12'), 'newer_state', 'an older state of a membership');
select public.set_membership('org_a', 'user_b', 'org:member', 'orgmem_0', '2025-01-01', '2025-01-01', p_event_id => 'msg_13');
select is(pg_temp.effect_of('msg_13'), 'newer_membership', 'a membership from before somebody left and came again');
select public.remove_membership('org_a', p_external_id => 'orgmem_0', p_event_id => 'msg_14');
select is(pg_temp.effect_of('msg_14'), 'newer_membership', 'the end of one from before');
select public.remove_membership('org_a', p_external_id => 'orgmem_1', p_event_id => 'msg_15');
select is(pg_temp.effect_of('msg_15'), 'deleted', 'the end of a membership');
select public.set_membership('org_a', 'user_b', 'org:admin', 'orgmem_1', '2026-01-02', '2026-02-01', p_event_id => 'msg_16');
select is(pg_temp.effect_of('msg_16'), 'over', 'a membership that had ended');

select public.record_session('sess_a', 'user_b', p_updated_at => '2026-01-02', p_event_id => 'msg_17');
select is(pg_temp.effect_of('msg_17'), 'created', 'a sign-in that was not there');
select public.record_session('sess_a', 'user_b', 'ended', p_updated_at => '2026-01-02', p_event_id => 'msg_18');
select is(pg_temp.effect_of('msg_18'), 'changed', 'a sign-in that was');

select public.record_event('msg_19', 'failed');
select is(pg_temp.effect_of('msg_19'), null, 'what was not applied did nothing');

select * from finish();
rollback;
