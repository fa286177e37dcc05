-- Access that has ended is closed though a rule of the app's keeps the rows from saying so, until that is mended or given up.
begin;
set local search_path = public, extensions;
select plan(20);

select public.upsert_user('user_shut_' || n) from unnest('{ada,bob,eve}'::text[]) n;
select public.upsert_org_with_owner('org_shut_' || n, n, p_created_by => 'user_shut_ada') from unnest('{a,b}'::text[]) n;
select public.set_membership('org_shut_' || o, 'user_shut_bob', p_external_id => 'orgmem_shut_' || o, p_created_at => now())
from unnest('{a,b}'::text[]) o;
select public.set_membership('org_shut_a', 'user_shut_eve', p_external_id => 'orgmem_shut_eve', p_created_at => now());

create function public.refuse_of_the_app()
returns trigger
language plpgsql
as $$
begin
  raise exception 'nothing ends here';
end;
$$;

create function pg_temp.arm()
returns void
language sql
as $$
  create trigger refuse before update or delete on public.users for each statement execute function public.refuse_of_the_app();
  create trigger refuse before update or delete on public.organizations
    for each statement execute function public.refuse_of_the_app();
  create trigger refuse before update or delete on public.organization_members
    for each statement execute function public.refuse_of_the_app();
$$;

create function pg_temp.disarm()
returns void
language sql
as $$
  drop trigger refuse on public.users;
  drop trigger refuse on public.organizations;
  drop trigger refuse on public.organization_members;
$$;

create function pg_temp.retry(p_rpc text, p_arguments jsonb, p_event_id text)
returns text
language sql
as $$
  select public.sync_retry_event(p_rpc, p_arguments || jsonb_build_object('p_event_id', p_event_id)) ->> 'outcome'
$$;

-- What somebody sees: organizations, and members with roles, or nobody at all.
create function pg_temp.seen_by(p_user text)
returns text
language plpgsql
as $$
declare
  v_seen text;
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', p_user, 'role', 'authenticated')::text, true);
  set local role authenticated;
  select coalesce(
    'a user in ' || (select coalesce(string_agg(name, ', ' order by name), 'nothing') from public.organizations),
    'nobody'
  )
  into v_seen
  from (select public.my_user_id() as id) me
  where me.id is not null;
  reset role;
  return coalesce(v_seen, 'nobody');
end;
$$;

select is(pg_temp.seen_by('user_shut_bob'), 'a user in a, b', 'a member sees his organizations');
select pg_temp.arm();

select is(
  pg_temp.retry('remove_membership', '{"p_organization_external_id": "org_shut_a", "p_user_external_id": "user_shut_bob", "p_external_id": "orgmem_shut_a"}', 'msg_shut_1'),
  'failed',
  'a removal that a trigger refuses, the change to inactive as well, fails'
);
select is(pg_temp.seen_by('user_shut_bob'), 'a user in b', 'and the member is out of that organization all the same');
select is(pg_temp.seen_by('user_shut_eve'), 'a user in a', 'where the others stay');
select is(
  pg_temp.retry('remove_membership', '{"p_organization_external_id": "org_shut_b", "p_external_id": "orgmem_shut_b"}', 'msg_shut_2'),
  'failed',
  'one that names no user fails as well'
);
select is(pg_temp.seen_by('user_shut_bob'), 'a user in nothing', 'and is that of the membership''s user');
select is(pg_temp.seen_by('user_shut_ada'), 'a user in a, b', 'and of nobody else');
select is(
  pg_temp.retry('remove_membership', '{"p_organization_external_id": "org_shut_b", "p_external_id": "orgmem_never_seen"}', 'msg_shut_3'),
  'applied',
  'one that nobody is known to have touches no row'
);

select is(
  pg_temp.retry('delete_org', '{"p_external_id": "org_shut_a"}', 'msg_shut_4'), 'failed', 'the deletion of an organization fails'
);
select is(
  pg_temp.seen_by('user_shut_ada') || '; ' || pg_temp.seen_by('user_shut_eve'),
  'a user in b; a user in nothing',
  'and nobody is in it any more'
);

select is(
  pg_temp.retry('upsert_user', '{"p_external_id": "user_shut_eve", "p_banned": true}', 'msg_shut_5'), 'failed', 'a ban fails'
);
select is(pg_temp.seen_by('user_shut_eve'), 'nobody', 'and shuts the user out');
select is(
  pg_temp.retry('upsert_user', '{"p_external_id": "user_shut_bob", "p_full_name": "Bob"}', 'msg_shut_6'),
  'failed',
  'a change of another kind fails'
);
select is(pg_temp.seen_by('user_shut_bob'), 'a user in nothing', 'and shuts nobody out');
select is(
  pg_temp.retry('delete_user', '{"p_external_id": "user_shut_ada"}', 'msg_shut_7'), 'failed', 'the deletion of a user fails'
);
select is(pg_temp.seen_by('user_shut_ada'), 'nobody', 'and shuts the user out');

select pg_temp.disarm();
select public.upsert_user('user_shut_eve', p_banned => true, p_event_id => 'msg_shut_5', p_updated_at => '2026-01-01', p_event_at => '2026-01-01');
select is(
  (select outcome::text from clerk_sync.events where event_id = 'msg_shut_5'),
  'stale',
  'a ban that was lifted before it could be written is stale'
);
select is(pg_temp.seen_by('user_shut_eve'), 'a user in nothing', 'and nothing is closed for it any more');
select public.sync_close_event('msg_shut_' || n) from unnest('{1,4,7}'::integer[]) n;
select is(
  pg_temp.seen_by('user_shut_bob') || '; ' || pg_temp.seen_by('user_shut_ada'),
  'a user in a; a user in a, b',
  'what somebody gives up goes by the rows again'
);
select public.remove_membership('org_shut_b', null, 'orgmem_shut_b', p_event_id => 'msg_shut_2');
select is(
  (select count(*) from clerk_sync.events where event_id like 'msg\_shut\_%' and outcome = 'failed' and ends_access),
  0::bigint,
  'what is applied in the end keeps nothing closed'
);

select * from finish();
rollback;
