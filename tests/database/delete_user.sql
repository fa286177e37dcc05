-- delete_user: the row stays and says since when the account is gone.
begin;
set local search_path = public, extensions;
select plan(10);

select public.upsert_user('user_a', 'a@example.test', p_updated_at => '2026-01-01', p_event_at => '2026-01-01');

select is(
  public.delete_user('user_a', p_event_at => '2026-01-03'),
  'applied',
  'the delete of a living user is applied'
);

select results_eq(
  $$ select email, deleted_at from public.users where external_id = 'user_a' $$,
  $$ values ('a@example.test'::varchar, '2026-01-03'::timestamptz) $$,
  'the row stays, deleted at the time in the event'
);

select is(
  public.delete_user('user_a', p_event_at => '2026-01-04'),
  'stale',
  'a later delete of a deleted user is stale'
);

select is(
  public.delete_user('user_a', p_event_at => '2026-01-02'),
  'applied',
  'an earlier delete of a deleted user is applied'
);

select is(
  (select deleted_at from public.users where external_id = 'user_a'),
  '2026-01-02',
  'of several deletes the earliest time stays'
);

select is(
  public.delete_user('user_b', p_event_at => '2026-01-03'),
  'applied',
  'the delete of a user who was never seen is remembered'
);

select is_empty(
  $$ select from public.users where external_id = 'user_b' $$,
  'the delete of a user who was never seen makes no row'
);

select public.delete_user('user_a');

select cmp_ok(
  (select deleted_at from public.users where external_id = 'user_a'),
  '<',
  now(),
  'a call by hand, as of now, does not move an earlier delete'
);

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.delete_user(null) $$, '23502', 'a missing id is refused'),
    ($$ select public.delete_user('') $$, '23514', 'an empty id is refused')
) as refused (call, code, what);

select * from finish();
rollback;
