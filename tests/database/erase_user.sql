-- sync_erase_user: what is personal of a deleted user goes, for good; ids and relations stay.
begin;
set local search_path = public, extensions;
select plan(26);

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

-- Invitations hold addresses: one that was accepted by the user, and those to the email.
create function pg_temp.invite(p_id text, p_more jsonb)
returns jsonb
language sql
as $$
  select jsonb_build_array('{
    "p_organization_external_id": "org_erase", "p_email": "eve@example.test", "p_clerk_role": "org:member", "p_status": "accepted",
    "p_updated_at": "2026-01-01"
  }'::jsonb || jsonb_build_object('p_external_id', 'orginv_erase_' || p_id) || p_more)
$$;
create function pg_temp.invited()
returns text
language sql
as $$
  select string_agg(concat_ws(' ', replace(external_id, 'orginv_erase_', ''), nullif(email, '')), ', ' order by external_id)
  from public.organization_invitations
  where external_id like 'orginv\_erase\_%'
$$;
select public.sync_erase_on_delete(false);
select public.upsert_user('user_erase_e', 'eve@example.test');
select public.upsert_user('user_erase_f', '');
select public.record_snapshots('invitation', pg_temp.invite(id, more))
from (
  values
    ('accepted', '{"p_user_external_id": "user_erase_e", "p_email": "eve@old.test"}'::jsonb),
    ('pending', '{"p_status": "pending"}'),
    ('other', '{"p_email": "bob@example.test", "p_user_external_id": "user_erase_f"}')
) told (id, more);
select public.delete_user('user_erase_e');
select public.sync_erase_user('user_erase_e');
select is(pg_temp.invited(), 'accepted, other bob@example.test, pending', 'addresses in invitations are erased, and no other''s');
select public.record_snapshots(
  'invitation', pg_temp.invite('pending', '{"p_status": "revoked", "p_updated_at": "2026-01-02"}')
);
select public.sync_record_snapshots('invitation', pg_temp.invite(id, '{"p_updated_at": "2026-01-03"}'))
from unnest('{accepted,pending}'::text[]) id;
select is(pg_temp.invited(), 'accepted, other bob@example.test, pending', 'and no event or backfill brings them back');
select is(
  (select status from public.organization_invitations where external_id = 'orginv_erase_pending'), 'accepted',
  'what else they tell is written'
);
select public.record_snapshots('invitation', pg_temp.invite('new', '{"p_user_external_id": "user_erase_e"}'));
select is(
  pg_temp.invited(), 'accepted, new, other bob@example.test, pending', 'one that was accepted by an erased user comes without'
);
select is_empty(
  $$
  select d.*
  from unnest('{accepted,new}'::text[]) id
  cross join public.sync_compare_snapshots(
    'invitation',
    pg_temp.invite(id, jsonb_build_object('p_updated_at', case id when 'new' then '2026-01-01' else '2026-01-03' end))
  ) d
  $$,
  'and that is no drift'
);
select public.delete_user('user_erase_f');
select public.sync_erase_user('user_erase_f');
select public.record_snapshots('invitation', pg_temp.invite('of_nobody', '{"p_status": "pending", "p_email": "ann@example.test"}'));
select is(
  pg_temp.invited(), 'accepted, new, of_nobody ann@example.test, other, pending', 'whoever had no email takes nobody else''s with them'
);
update public.organization_invitations set email = 'EVE@example.test' where external_id = 'orginv_erase_of_nobody';
select public.upsert_user('user_erase_g', 'eve@example.test');
select public.delete_user('user_erase_g');
select public.sync_erase_user('user_erase_g');
select is(
  (select email from public.organization_invitations where external_id = 'orginv_erase_of_nobody'), '', 'capitals make no other address'
);

select * from finish();
rollback;
