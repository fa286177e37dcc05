-- A sign-in ends with its user, whatever comes first.
begin;
set local search_path = public, extensions;
select plan(16);

create function pg_temp.sign_in(p_user text, p_at timestamptz)
returns public.sync_outcome
language sql
as $$
  select public.record_session(
    'sess_' || p_user, 'user_' || p_user, p_created_at => p_at, p_updated_at => p_at, p_event_at => p_at
  )
$$;

create function pg_temp.bar(p_user text, p_at timestamptz, p_banned boolean default true, p_deprovisioned boolean default false)
returns public.sync_outcome
language sql
as $$
  select public.upsert_user(
    'user_' || p_user, p_banned => p_banned, p_deprovisioned => p_deprovisioned, p_updated_at => p_at, p_event_at => p_at
  )
$$;

create temporary view sign_in as
select substr(external_id, 6) as "user", status, ended_at
from public.user_sessions;

select pg_temp.sign_in('deleted', '2026-01-01');
select public.delete_user('user_deleted', p_event_at => '2026-01-03');
select results_eq(
  $$ select status, ended_at from sign_in where "user" = 'deleted' $$,
  $$ values ('revoked'::varchar, '2026-01-03'::timestamptz) $$,
  'the sign-in of a user who is deleted ends then'
);
select public.delete_user('user_deleted', p_event_at => '2026-01-02');
select is(
  (select ended_at from sign_in where "user" = 'deleted'),
  '2026-01-02',
  'with the earliest of several deletions'
);
select public.delete_user('user_late', p_event_at => '2026-01-03');
select is(pg_temp.sign_in('late', '2026-01-01'), 'applied', 'a sign-in is recorded after its user''s deletion');
select results_eq(
  $$ select status, ended_at from sign_in where "user" = 'late' $$,
  $$ values ('revoked'::varchar, '2026-01-03'::timestamptz) $$,
  'and is over'
);

select pg_temp.sign_in('banned', '2026-01-01');
select pg_temp.bar('banned', '2026-01-02');
select results_eq(
  $$ select status, ended_at from sign_in where "user" = 'banned' $$,
  $$ values ('revoked'::varchar, '2026-01-02'::timestamptz) $$,
  'the sign-in of a user who is banned ends then'
);
select pg_temp.sign_in('directory', '2026-01-01');
select pg_temp.bar('directory', '2026-01-02', false, true);
select is(
  (select ended_at from sign_in where "user" = 'directory'), '2026-01-02', 'and that of one who is deprovisioned'
);
select pg_temp.bar('before', '2026-01-02');
select pg_temp.sign_in('before', '2026-01-01');
select is((select ended_at from sign_in where "user" = 'before'), '2026-01-02', 'also when the ban was heard of first');

select pg_temp.bar('again', '2026-01-02');
select pg_temp.bar('again', '2026-01-03', false);
select pg_temp.sign_in('again', '2026-01-04');
select results_eq(
  $$ select status, ended_at from sign_in where "user" = 'again' $$,
  $$ values ('active'::varchar, null::timestamptz) $$,
  'who signs in after a ban was lifted is signed in'
);

select pg_temp.sign_in('stale', '2026-01-01');
select pg_temp.bar('stale', '2026-01-03', false);
select is(pg_temp.bar('stale', '2026-01-02'), 'stale', 'a ban that was lifted meanwhile is stale');
select is((select ended_at from sign_in where "user" = 'stale'), '2026-01-02', 'and ended what was signed in by then');

select pg_temp.sign_in('own', '2026-01-01');
select public.record_session(
  'sess_own', 'user_own', 'ended', p_created_at => '2026-01-01', p_updated_at => '2026-01-02', p_event_at => '2026-01-02'
);
select public.delete_user('user_own', p_event_at => '2026-01-03');
select results_eq(
  $$ select status, ended_at from sign_in where "user" = 'own' $$,
  $$ values ('ended'::varchar, '2026-01-02'::timestamptz) $$,
  'an end of its own stays'
);
select public.record_session(
  'sess_deleted', 'user_deleted', 'removed', p_created_at => '2026-01-01', p_updated_at => '2026-01-02',
  p_event_at => '2026-01-02 12:00'
);
select results_eq(
  $$ select status, ended_at from sign_in where "user" = 'deleted' $$,
  $$ values ('removed'::varchar, '2026-01-02 12:00'::timestamptz) $$,
  'and is told when it is heard of later'
);

select pg_temp.sign_in('moved', '2026-01-01');
select pg_temp.bar('moved', '2026-01-02');
select is(
  public.record_session(
    'sess_moved', 'user_moved', p_last_active_at => '2026-01-01 12:00', p_created_at => '2026-01-01',
    p_updated_at => '2026-01-01 12:00', p_event_at => '2026-01-01 12:00'
  ),
  'applied',
  'a newer state of a sign-in that its user ended is applied'
);
select results_eq(
  $$ select status, ended_at from sign_in where "user" = 'moved' $$,
  $$ values ('revoked'::varchar, '2026-01-02'::timestamptz) $$,
  'and does not open it'
);

select pg_temp.sign_in('page', '2026-01-01');
select public.sync_upsert_users('[{"p_external_id": "user_page", "p_deprovisioned": true, "p_updated_at": "2026-01-02"}]');
select is((select ended_at from sign_in where "user" = 'page'), '2026-01-02', 'a page signs out as well');

select is(
  (select count(*) from public.user_sessions where (status = 'active') <> (ended_at is null)),
  0::bigint,
  'no sign-in is active and over'
);

select * from finish();
rollback;
