-- sync_erase_user: what is personal of a deleted user goes, for good; ids and relations stay.
begin;
set local search_path = public, extensions;
select plan(19);

create function pg_temp.kept(p_external_id text)
returns text
language sql
as $$
  select concat_ws(
    '|', u.email, u.full_name, u.avatar_url, u.username, nullif(u.public_metadata, '{}'),
    (
      select string_agg(concat_ws('|', s.client_id, s.device, s.browser, s.city, s.country), ';')
      from public.user_sessions s
      where s.user_external_id = u.external_id
    )
  )
  from public.users u
  where u.external_id = p_external_id;
$$;

create function pg_temp.shared(p_external_id text)
returns text
language sql
as $$
  select concat_ws('|', full_name, avatar_url, username, email)
  from public.public_user_data
  where external_id = p_external_id
$$;

create function pg_temp.tell(p_external_id text)
returns void
language plpgsql
as $$
begin
  perform public.upsert_user(
    p_external_id, 'ada@example.test', 'Ada', 'https://img.test/a', 'ada', p_public_metadata => '{"tier": 1}'
  );
  perform public.record_session(
    'sess_' || p_external_id, p_external_id, p_client_id => 'client_a', p_device => 'desktop', p_browser => 'Firefox',
    p_city => 'Turin', p_country => 'Italy'
  );
end;
$$;

select pg_temp.tell('user_erase_a');
select public.upsert_org_with_owner('org_erase', 'Acme', p_created_by => 'user_erase_a');

select throws_ok($$ select public.sync_erase_user('user_erase_a') $$, '55000', null, 'a user who is not deleted is not erased');
select throws_ok($$ select public.sync_erase_user('user_erase_nobody') $$, '55000', null, 'nor one who is not known');
select isnt(pg_temp.kept('user_erase_a'), '||||', 'and nothing is lost by trying');
select is(pg_temp.shared('user_erase_a'), 'Ada|https://img.test/a|ada|ada@example.test', 'nor is what others see');

select public.delete_user('user_erase_a');
select is(public.sync_erase_user('user_erase_a'), 'applied', 'a deleted user is erased');
select is(pg_temp.kept('user_erase_a'), '|', 'and nothing personal is left');
select is(pg_temp.shared('user_erase_a'), '', 'where others would see it neither');
select is(public.sync_erase_user('user_erase_a'), 'stale', 'once');
select is(
  (
    select count(*)
    from public.organization_members m
    join public.users u on u.id = m.user_id
    where u.external_id = 'user_erase_a'
  ),
  1::bigint,
  'the membership stays'
);
select is((select created_by from public.organizations where external_id = 'org_erase'), 'user_erase_a', 'ids stay');

select pg_temp.tell('user_erase_a');
select is(pg_temp.kept('user_erase_a'), '|', 'later events bring nothing back');
select public.record_session('sess_new', 'user_erase_a', p_client_id => 'client_b', p_city => 'Rome');
select is(pg_temp.kept('user_erase_a'), '|;', 'nor does a new sign-in');
select public.set_membership('org_erase_2', 'user_erase_a', p_user_email => 'ada@example.test', p_user_full_name => 'Ada');
select is(pg_temp.kept('user_erase_a'), '|;', 'nor a membership');
select public.sync_upsert_users('[{"p_external_id": "user_erase_a", "p_email": "ada@example.test"}]');
select is(pg_temp.kept('user_erase_a'), '|;', 'nor a backfill');

select pg_temp.tell('user_erase_b');
select public.delete_user('user_erase_b');
select isnt(pg_temp.kept('user_erase_b'), '|', 'by default a deletion erases nothing');
select is(public.sync_erase_on_delete(true), true, 'that can be turned on');
select is(public.sync_erase_on_delete(), true, 'and stays so');
select public.delete_user('user_erase_c');
select pg_temp.tell('user_erase_c');
select pg_temp.tell('user_erase_d');
select public.delete_user('user_erase_d');
select is(pg_temp.kept('user_erase_d'), '|', 'then a deletion erases');
select is(pg_temp.kept('user_erase_c'), pg_temp.kept('user_erase_d'), 'also one that came before all else');

select * from finish();
rollback;
