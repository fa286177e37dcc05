-- sync_purge_events: old settled events and old sign-ins go in batches; what is open and all registers stay.
begin;
set local search_path = public, extensions;
select plan(13);

select public.upsert_user(
  'user_purge', 'new@example.test', p_updated_at => '2026-01-02', p_event_id => 'msg_purge_applied', p_event_at => '2026-01-02'
);
select public.upsert_user(
  'user_purge', p_updated_at => '2026-01-01', p_event_id => 'msg_purge_stale', p_event_at => '2026-01-01'
);
select public.record_event('msg_purge_' || outcome, outcome) from unnest('{ignored,failed,rejected}'::text[]) outcome;
select public.record_session('sess_purge_old', 'user_purge', 'ended', p_updated_at => '2020-01-01', p_event_at => '2020-01-01');
select public.record_session(
  'sess_purge_used', 'user_purge', p_expire_at => '2999-01-01', p_updated_at => '2020-01-01', p_event_at => '2020-01-01'
);
update clerk_sync.events set outcome_at = '2020-01-01' where event_id like 'msg\_purge\_%';
select public.upsert_user('user_purge', p_event_id => 'msg_purge_young');

create function pg_temp.left_over()
returns text
language sql
as $$
  select string_agg(replace(event_id, 'msg_purge_', ''), ' ' order by event_id)
  from clerk_sync.events
  where event_id like 'msg\_purge\_%';
$$;

select throws_ok($$ select public.sync_purge_events('1 hour') $$, '22023', null, 'a purge within a day is refused');
select throws_ok($$ select public.sync_purge_events(null) $$, '22023', null, 'so is one without an age');
select throws_ok($$ select public.sync_purge_events('90 days', 0) $$, '22023', null, 'and one of nothing');

select is(
  public.sync_purge_events('1000 days', 1) -> 'is_done', 'false', 'a batch that is full says that there is more'
);
select is(
  (select count(*) from clerk_sync.events where event_id like 'msg\_purge\_%'), 5::bigint, 'a batch is as large as wanted'
);
select is(
  public.sync_purge_events('1000 days') ->> 'is_done', 'true', 'the last batch says that it is done'
);
select is(pg_temp.left_over(), 'failed rejected young', 'settled and ignored events that are old are gone, no others');
select is(
  public.sync_purge_events('1000 days'), '{"events": 0, "sessions": 0, "is_done": true}', 'a further purge finds nothing'
);
select is(
  (select string_agg(external_id, ' ') from public.user_sessions where user_external_id = 'user_purge'),
  'sess_purge_used',
  'a sign-in that is over is gone, one that may be in use stays'
);

select is(
  public.upsert_user(
    'user_purge', 'old@example.test', p_updated_at => '2026-01-01', p_event_id => 'msg_purge_stale', p_event_at => '2026-01-01'
  ),
  'stale',
  'an event that comes again after its row was purged is stale'
);
select is(
  public.record_session('sess_purge_old', 'user_purge', 'active', p_updated_at => '2019-01-01', p_event_at => '2019-01-01'),
  'stale',
  'and does not bring a sign-in back'
);

create table public.visits_of_the_app (
  sign_in uuid references public.user_sessions (id),
  sign_in_id varchar references public.user_sessions (external_id) on delete restrict
);
select public.record_session(
  'sess_purge_kept_' || n, 'user_purge', 'ended', p_updated_at => '2020-01-01', p_event_at => '2020-01-01'
)
from generate_series(1, 3) n;
insert into public.visits_of_the_app (sign_in) select id from public.user_sessions where external_id = 'sess_purge_kept_1';
insert into public.visits_of_the_app (sign_in_id) values ('sess_purge_kept_2');
select is(
  public.sync_purge_events('5 years') ->> 'sessions', '1', 'a sign-in that the app refers to does not keep the others'
);
select set_eq(
  $$ select external_id from public.user_sessions where external_id like 'sess\_purge\_kept\_%' $$,
  '{sess_purge_kept_1,sess_purge_kept_2}'::varchar[],
  'and stays'
);
delete from public.visits_of_the_app where true;

select * from finish();
rollback;
