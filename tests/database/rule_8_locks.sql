-- Rule 8. What each call holds until its transaction ends, and whether it shares it. That the order of taking prevents
-- deadlocks takes several connections: tests/convergence/concurrency_test.ts.
begin;
set local search_path = public, extensions;
select plan(24);

-- A bigint key stands in pg_locks as its two halves.
create function pg_temp.held(p_kind text, p_id text)
returns text
language sql
as $$
  select string_agg(distinct mode, ', ' order by mode)
  from pg_locks, hashtextextended(p_kind || ':' || p_id, 0) as key
  where locktype = 'advisory'
    and pid = pg_backend_pid()
    and granted
    and classid::bigint = key >> 32 & 4294967295
    and objid::bigint = key & 4294967295;
$$;

select public.upsert_user('user_lock_a');
select is(pg_temp.held('user', 'user_lock_a'), 'ExclusiveLock', 'a snapshot of a user holds the user');
select is(pg_temp.held('everything', ''), 'ShareLock', 'a single call shares everything');

select public.upsert_org_with_owner('org_lock_a', 'A', 'slug-lock-a', p_created_by => 'user_lock_b');
select is(pg_temp.held('organization', 'org_lock_a'), 'ExclusiveLock', 'a snapshot of an organization holds it');
select is(pg_temp.held('user', 'user_lock_b'), 'ShareLock', 'a creation shares the creator, whose owner row it writes');
select is(pg_temp.held('slug', 'slug-lock-a'), 'ExclusiveLock', 'a claim holds its slug');

select public.upsert_org_with_owner('org_lock_a', 'A', 'slug-lock-b');
select is(pg_temp.held('slug', 'slug-lock-b'), 'ExclusiveLock', 'a change of slug holds the new one');

select public.set_membership('org_lock_c', 'user_lock_c', p_external_id => 'orgmem_lock_c');
select is(pg_temp.held('generation', 'orgmem_lock_c'), 'ExclusiveLock', 'a membership event holds its generation');
select is(pg_temp.held('membership', 'org_lock_c:user_lock_c'), 'ExclusiveLock', 'a membership event holds its pair');
select is(
  pg_temp.held('organization', 'org_lock_c') || ', ' || pg_temp.held('user', 'user_lock_c'),
  'ExclusiveLock, ExclusiveLock',
  'a membership event holds the parents that it may have to make'
);

-- The registers as an earlier transaction left them, so that what is shared shows.
insert into clerk_sync.user_register (external_id, version)
values ('user_lock_d', row(3, '2026-01-01', '2026-01-01', ''));
insert into clerk_sync.organization_register (external_id, version, creator_version)
values ('org_lock_d', row(3, '2026-01-01', '2026-01-01', ''), row(3, '2026-01-01', '2026-01-01', ''));
select public.set_membership('org_lock_d', 'user_lock_d', p_organization_created_by => 'user_lock_d');
select is(pg_temp.held('user', 'user_lock_d'), 'ShareLock', 'a membership event shares a user of whom a snapshot is known');
select is(
  pg_temp.held('organization', 'org_lock_d'),
  'ShareLock',
  'a membership event shares an organization of which a snapshot with its creator is known'
);

insert into clerk_sync.membership_register (external_id, organization_external_id, user_external_id, joined_at)
values ('orgmem_lock_e', 'org_lock_e', 'user_lock_e', '2026-01-01');
select public.upsert_user('user_lock_e');
select is(
  pg_temp.held('organization', 'org_lock_e'),
  'ShareLock',
  'a user who appears shares the organizations that waited'
);

insert into clerk_sync.membership_register (external_id, organization_external_id, user_external_id, joined_at)
values ('orgmem_lock_f', 'org_lock_f', 'user_lock_f', '2026-01-01');
select public.delete_user('user_lock_f');
select is(
  pg_temp.held('organization', 'org_lock_f'),
  'ShareLock',
  'a user who is deleted shares the organizations in which the status changes'
);

select public.record_session('sess_lock', 'user_lock_g');
select is(pg_temp.held('session', 'sess_lock'), 'ExclusiveLock', 'a session is held alone');
select is(pg_temp.held('user', 'user_lock_g'), 'ShareLock', 'a session shares its user, who may be about to be erased');

select public.record_snapshots('subscription', '[
  {"p_external_id": "csub_item_lock_a", "p_organization_external_id": "org_lock_g", "p_status": "active"},
  {"p_external_id": "csub_item_lock_b", "p_user_external_id": "user_lock_i", "p_status": "active"}
]');
select is(pg_temp.held('organization', 'org_lock_g'), 'ExclusiveLock', 'a subscription item holds the organization whose plan follows');
select is(pg_temp.held('user', 'user_lock_i'), 'ShareLock', 'and shares a user, who may be about to be erased');
insert into public.subscriptions (external_id, organization_external_id, status, created_at, updated_at)
values ('csub_item_lock_c', 'org_lock_h', 'active', '2026-01-01', '2026-01-01');
select public.record_snapshots('subscription', '[
  {"p_external_id": "csub_item_lock_c", "p_organization_external_id": "org_lock_i", "p_status": "active"}
]');
select is(
  pg_temp.held('organization', 'org_lock_h') || ', ' || pg_temp.held('organization', 'org_lock_i'),
  'ExclusiveLock, ExclusiveLock',
  'where another organization pays now, both are held'
);
select public.record_snapshots('invitation', '[{
  "p_external_id": "orginv_lock", "p_organization_external_id": "org_lock_j", "p_user_external_id": "user_lock_j", "p_email": "",
  "p_clerk_role": "org:member", "p_status": "accepted"
}]');
select is(pg_temp.held('user', 'user_lock_j'), 'ShareLock', 'an invitation shares who accepted it');
select is(pg_temp.held('everything', ''), 'ShareLock', 'and everything');
select public.sync_plan_follows_billing();
select is(pg_temp.held('everything', ''), 'ShareLock', 'to ask whether plans follow holds nothing');

select public.sync_upsert_users('[{"p_external_id": "user_lock_h"}]');
select is(pg_temp.held('everything', ''), 'ExclusiveLock, ShareLock', 'a page holds everything');
select is(pg_temp.held('user', 'user_lock_h'), null, 'and no object of its own');
select public.sync_record_snapshots('subscription', '[
  {"p_external_id": "csub_item_lock_d", "p_organization_external_id": "org_lock_k", "p_status": "active"}
]');
select is(pg_temp.held('organization', 'org_lock_k'), null, 'one of subscription items neither');

select * from finish();
rollback;
