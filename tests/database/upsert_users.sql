-- sync_upsert_users: a page of users, by the rules of upsert_user.
begin;
set local search_path = public, extensions;
select plan(12);

select is(
  public.sync_upsert_users(
    '[
      {"p_external_id": "user_a", "p_email": "a@example.test", "p_full_name": "Ada A", "p_avatar_url": "https://img.test/a",
       "p_username": "ada", "p_banned": true, "p_public_metadata": {"tier": 1}, "p_created_at": "2026-01-01",
       "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"},
      {"p_external_id": "user_b", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"}
    ]'
  ),
  '{"applied": 2, "stale": 0}',
  'users who were never seen are applied'
);

select results_eq(
  $$
  select email, full_name, avatar_url, username, banned, public_metadata, created_at, updated_at, deleted_at
  from public.users
  where external_id = 'user_a'
  $$,
  $$
  values (
    'a@example.test'::varchar, 'Ada A'::varchar, 'https://img.test/a'::varchar, 'ada'::varchar, true,
    '{"tier": 1}'::jsonb, '2026-01-01'::timestamptz, '2026-01-02'::timestamptz, null::timestamptz
  )
  $$,
  'every key lands in its column'
);

select results_eq(
  $$ select email, banned, public_metadata, created_at from public.users where external_id = 'user_b' $$,
  $$ values (''::varchar, false, '{}'::jsonb, '2026-01-02'::timestamptz) $$,
  'what an element leaves out has the defaults of the single form'
);

select is(
  public.sync_upsert_users(
    '[{"p_external_id": "user_a", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"},
      {"p_external_id": "user_b", "p_email": "b@example.test", "p_updated_at": "2026-01-03", "p_event_at": "2026-01-03"}]'
  ),
  '{"applied": 1, "stale": 1}',
  'a page may be stale in part'
);

select is(
  public.sync_upsert_users(
    '[{"p_external_id": "user_a", "p_updated_at": "2026-01-02", "p_event_at": "2026-01-02"},
      {"p_external_id": "user_b", "p_email": "b@example.test", "p_updated_at": "2026-01-03", "p_event_at": "2026-01-03"}]'
  ),
  '{"applied": 0, "stale": 2}',
  'the same page again applies nothing'
);

select is(
  public.upsert_user('user_b', 'b@example.test', p_updated_at => '2026-01-03', p_event_id => 'msg_b', p_event_at => '2026-01-03'),
  'applied',
  'the event of the same state wins over the page'
);

select is(
  public.sync_upsert_users(
    '[{"p_external_id": "user_c", "p_email": "old@example.test", "p_updated_at": "2026-01-01"},
      {"p_external_id": "user_c", "p_email": "new@example.test", "p_updated_at": "2026-01-03"},
      {"p_external_id": "user_c", "p_email": "mid@example.test", "p_updated_at": "2026-01-02"}]'
  ),
  '{"applied": 1, "stale": 2}',
  'of a user who is named several times one state is applied'
);
select public.upsert_org_with_owner('org_d', 'D', p_created_by => 'user_d');
select public.sync_upsert_users('[{"p_external_id": "user_d"}]');
select is(
  (select role from public.organization_members m join public.users u on u.id = m.user_id where u.external_id = 'user_d'),
  'owner',
  'ownership that waited for a user appears with the page'
);

select public.delete_user('user_e');
select public.sync_upsert_users('[{"p_external_id": "user_e"}]');
select isnt(
  (select deleted_at from public.users where external_id = 'user_e'), null, 'a deleted user stays deleted'
);

select throws_ok(
  $$ select public.sync_upsert_users('[{"p_external_id": "user_f"}, {"p_email": "nobody@example.test"}]') $$,
  '23502',
  null,
  'a missing id refuses the page'
);
select is((select count(*) from public.users where external_id = 'user_f'), 0::bigint, 'and nothing of it is applied');

select throws_ok(
  $$ select public.sync_upsert_users((select jsonb_agg(jsonb_build_object('p_external_id', n::text)) from generate_series(1, 1001) n)) $$,
  '22023',
  null,
  'a page of more than 1000 is refused'
);

select * from finish();
rollback;
