-- upsert_user: a whole snapshot of a user becomes the row.
begin;
set local search_path = public, extensions;
select plan(12);

select is(
  public.upsert_user(
    'user_a', 'a@example.test', 'Ada A', 'https://img.test/a', 'ada', true, true, '{"tier": 1}',
    p_created_at => '2026-01-01', p_updated_at => '2026-01-02', p_event_id => 'msg_1', p_event_at => '2026-01-03'
  ),
  'applied',
  'a user who was never seen is applied'
);

select results_eq(
  $$
  select email, full_name, avatar_url, username, banned, deprovisioned, public_metadata, created_at, updated_at, deleted_at
  from public.users
  where external_id = 'user_a'
  $$,
  $$
  values (
    'a@example.test'::varchar, 'Ada A'::varchar, 'https://img.test/a'::varchar, 'ada'::varchar, true, true,
    '{"tier": 1}'::jsonb, '2026-01-01'::timestamptz, '2026-01-02'::timestamptz, null::timestamptz
  )
  $$,
  'every parameter lands in its column'
);

select is(
  public.upsert_user('user_a', 'new@example.test', p_updated_at => '2026-01-04', p_event_at => '2026-01-04'),
  'applied',
  'a newer snapshot is applied'
);

select results_eq(
  $$
  select email, full_name, avatar_url, username, banned, deprovisioned, public_metadata
  from public.users
  where external_id = 'user_a'
  $$,
  $$ values ('new@example.test'::varchar, null::varchar, null::varchar, null::varchar, false, false, '{}'::jsonb) $$,
  'what a newer snapshot leaves out is blanked'
);

select is(
  (select created_at from public.users where external_id = 'user_a'),
  '2026-01-01',
  'a snapshot without created_at keeps the one that is stored'
);

select is(
  public.upsert_user('user_a', 'old@example.test', p_updated_at => '2026-01-03', p_event_at => '2026-01-09'),
  'stale',
  'an older snapshot is stale'
);

select is(
  public.upsert_user('user_a', 'new@example.test', p_updated_at => '2026-01-04', p_event_at => '2026-01-04'),
  'stale',
  'the same snapshot again is stale'
);

select lives_ok(
  $$ select public.upsert_user('user_b', null, p_banned => null, p_public_metadata => null) $$,
  'a user without an email address is taken'
);

select results_eq(
  $$ select email, banned, public_metadata from public.users where external_id = 'user_b' $$,
  $$ values (''::varchar, false, '{}'::jsonb) $$,
  'no email address is stored as empty, nulls as the defaults'
);

select is(
  public.upsert_user('user_a', 'now@example.test'),
  'applied',
  'a call by hand without times counts as of now'
);

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.upsert_user(null, 'a@example.test') $$, '23502', 'a missing id is refused'),
    ($$ select public.upsert_user('', 'a@example.test') $$, '23514', 'an empty id is refused')
) as refused (call, code, what);

select * from finish();
rollback;
