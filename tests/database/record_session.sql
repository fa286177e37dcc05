-- record_session: one row a sign-in, and a session that is over stays over.
begin;
set local search_path = public, extensions;
select plan(21);

select is(
  public.record_session(
    'sess_a', 'user_a', 'active', 'client_a', 'desktop', 'Firefox', 'Rome', 'IT', '2026-01-02', '2026-01-08',
    p_created_at => '2026-01-01', p_updated_at => '2026-01-02', p_event_id => 'msg_1', p_event_at => '2026-01-02'
  ),
  'applied',
  'a session of a user who was never seen is applied'
);

select results_eq(
  $$
  select user_external_id, status, client_id, device, browser, city, country, last_active_at, expire_at, created_at,
    updated_at, ended_at
  from public.user_sessions
  where external_id = 'sess_a'
  $$,
  $$
  values (
    'user_a'::varchar, 'active'::varchar, 'client_a'::varchar, 'desktop'::varchar, 'Firefox'::varchar, 'Rome'::varchar,
    'IT'::varchar, '2026-01-02'::timestamptz, '2026-01-08'::timestamptz, '2026-01-01'::timestamptz,
    '2026-01-02'::timestamptz, null::timestamptz
  )
  $$,
  'every parameter lands in its column'
);

select is(
  public.record_session('sess_a', 'user_a', p_updated_at => '2026-01-01', p_event_at => '2026-01-09'),
  'stale',
  'an older state is stale'
);

select is(
  public.record_session('sess_a', 'user_a', 'ended', p_updated_at => '2026-01-02', p_event_at => '2026-01-03'),
  'applied',
  'the end of a session is applied'
);

select results_eq(
  $$ select status, ended_at from public.user_sessions where external_id = 'sess_a' $$,
  $$ values ('ended'::varchar, '2026-01-03'::timestamptz) $$,
  'a session that ended says so, and when'
);

select results_eq(
  $$ select device, browser, city, country from public.user_sessions where external_id = 'sess_a' $$,
  $$ values ('desktop'::varchar, 'Firefox'::varchar, 'Rome'::varchar, 'IT'::varchar) $$,
  'an event that tells of no device keeps the one that is stored'
);

select is(
  public.record_session('sess_a', 'user_a', 'active', p_updated_at => '2026-01-05', p_event_at => '2026-01-05'),
  'stale',
  'a session that is over never becomes active again'
);

select public.record_session('sess_is_' || status, 'user_a', status, p_event_at => '2026-01-03')
from unnest('{ended,removed,revoked,expired,abandoned,replaced,active,pending}'::text[]) as status;

select set_eq(
  $$ select status from public.user_sessions where external_id like 'sess\_is\_%' and ended_at is null $$,
  '{active,pending}'::varchar[],
  'only active and pending sessions have no end'
);

-- The end came first: the start fills in what the end did not tell, and leaves the rest.
select public.record_session('sess_b', 'user_b', 'removed', p_updated_at => '2026-01-02', p_event_at => '2026-01-02');

select is(
  public.record_session(
    'sess_b', 'user_b', 'active', p_device => 'mobile', p_updated_at => '2026-01-02', p_event_at => '2026-01-01'
  ),
  'applied',
  'the start of a session that is over tells of its device'
);

select results_eq(
  $$ select status, device, ended_at from public.user_sessions where external_id = 'sess_b' $$,
  $$ values ('removed'::varchar, 'mobile'::varchar, '2026-01-02'::timestamptz) $$,
  'the start of a session that is over does not reopen it'
);

select is_empty(
  $$ select from public.users where external_id in ('user_a', 'user_b') $$,
  'a session makes no user'
);

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.record_session(null, 'user_a') $$, '23502', 'a missing session id is refused'),
    ($$ select public.record_session('', 'user_a') $$, '23514', 'an empty session id is refused'),
    ($$ select public.record_session('sess_c', null) $$, '23502', 'a missing user id is refused'),
    ($$ select public.record_session('sess_c', '') $$, '23514', 'an empty user id is refused')
) as refused (call, code, what);

select public.record_session('sess_acted', 'user_b', p_updated_at => '2026-01-02', p_event_at => '2026-01-02');
select is(
  public.record_session(
    'sess_acted', 'user_b', p_actor_external_id => 'user_c', p_updated_at => '2026-01-01', p_event_at => '2026-01-01'
  ),
  'applied',
  'who signed in as the user is heard of later as well'
);
select is(
  (select actor_external_id from public.user_sessions where external_id = 'sess_acted'), 'user_c', 'and kept'
);
select public.record_session('sess_acted', 'user_b', 'ended', p_updated_at => '2026-01-03', p_event_at => '2026-01-03');
select results_eq(
  $$ select status, actor_external_id from public.user_sessions where external_id = 'sess_acted' $$,
  $$ values ('ended'::varchar, 'user_c'::varchar) $$,
  'an event that does not say who acted leaves it'
);
select public.record_session('sess_acted_first', 'user_b', p_actor_external_id => 'user_c');
select is(
  (select actor_external_id from public.user_sessions where external_id = 'sess_acted_first'),
  'user_c',
  'and that a session began so is kept at once'
);

select public.record_session('sess_told', 'user_b', p_device => 'desktop', p_updated_at => '2026-01-02');
select is(
  public.record_session('sess_told', 'user_b', p_device => 'mobile', p_updated_at => '2026-01-01'),
  'stale',
  'an older event that tells of another device is stale'
);
select results_eq(
  $$ select device from public.user_sessions where external_id = 'sess_told' $$,
  $$ values ('desktop'::varchar) $$,
  'and the device of the newer one stays'
);

select * from finish();
rollback;
