-- delete_user and delete_org: the row stays and says since when it is gone; the slug of an organization is free again.
begin;
set local search_path = public, extensions;
select plan(15);

select public.upsert_user('user_a', 'a@example.test', p_updated_at => '2026-01-01', p_event_at => '2026-01-01');
select public.upsert_org_with_owner(
  'org_a', 'Acme', 'acme-tap', p_updated_at => '2026-01-01', p_event_at => '2026-01-01'
);

create function pg_temp.tell(p_name text, p_at timestamptz)
returns text[]
language sql
as $$
  select array[
    public.delete_user('user_' || p_name, p_event_at => p_at), public.delete_org('org_' || p_name, p_event_at => p_at)
  ];
$$;

select is(pg_temp.tell('a', '2026-01-03'), '{applied,applied}', 'the delete of what lives is applied');

select results_eq(
  $$ select email, deleted_at from public.users where external_id = 'user_a' $$,
  $$ values ('a@example.test'::varchar, '2026-01-03'::timestamptz) $$,
  'the row of a user stays, deleted at the time in the event'
);
select results_eq(
  $$ select name, slug, deleted_at from public.organizations where external_id = 'org_a' $$,
  $$ values ('Acme'::varchar, null::varchar, '2026-01-03'::timestamptz) $$,
  'that of an organization too, without slug'
);

select lives_ok(
  $$ select public.upsert_org_with_owner('org_b', 'B', 'acme-tap', p_updated_at => '2026-01-02') $$,
  'another organization may take the slug'
);
select is(
  (select external_id from public.organizations where slug = 'acme-tap'),
  'org_b',
  'the slug belongs to the organization that took it'
);

select is(pg_temp.tell('a', '2026-01-04'), '{stale,stale}', 'a later delete of what is deleted is stale');
select is(pg_temp.tell('a', '2026-01-02'), '{applied,applied}', 'an earlier delete of what is deleted is applied');
select is(pg_temp.tell('never', '2026-01-03'), '{applied,applied}', 'the delete of what was never seen is remembered');
select is_empty(
  $$
  select from public.users where external_id = 'user_never'
  union all
  select from public.organizations where external_id = 'org_never'
  $$,
  'and makes no row'
);

select results_eq(
  $$ select deleted_at from public.organizations where external_id = 'org_a' $$,
  '{2026-01-02}'::timestamptz[],
  'of several deletes the earliest time stays'
);
select public.delete_user('user_a');
select results_eq(
  $$ select deleted_at from public.users where external_id = 'user_a' $$,
  '{2026-01-02}'::timestamptz[],
  'and a call by hand, as of now, does not move it'
);

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.delete_user(null) $$, '23502', 'a missing id of a user is refused'),
    ($$ select public.delete_org(null) $$, '23502', 'a missing id of an organization is refused'),
    ($$ select public.delete_user('') $$, '23514', 'an empty id of a user is refused'),
    ($$ select public.delete_org('') $$, '23514', 'an empty id of an organization is refused')
) as refused (call, code, what);

select * from finish();
rollback;
