-- record_snapshots: a row a subscription item and a row an invitation, as of the newest snapshot.
begin;
set local search_path = public, extensions;
select plan(39);

create function pg_temp.item(p_id text, p_more jsonb default '{}')
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'p_external_id', 'csub_item_' || p_id, 'p_subscription_external_id', 'csub_1', 'p_user_external_id', 'user_snap',
    'p_organization_external_id', null, 'p_plan', 'pro', 'p_plan_name', 'Pro', 'p_status', 'active', 'p_interval', 'month',
    'p_is_free_trial', false, 'p_seats', 5, 'p_period_start', '2026-01-01T00:00:00Z', 'p_period_end', '2026-02-01T00:00:00Z',
    'p_created_at', '2026-01-01T00:00:00Z', 'p_updated_at', '2026-01-02T00:00:00Z'
  ) || p_more
$$;

create function pg_temp.items(variadic p_items jsonb[])
returns jsonb
language sql
as $$ select to_jsonb(p_items) $$;

create function pg_temp.status(p_id text)
returns text
language sql
as $$ select status from public.subscriptions where external_id = 'csub_item_' || p_id $$;

select is(
  public.record_snapshots(
    'subscription', pg_temp.items(pg_temp.item('a')), p_object_id => 'csub_item_a', p_event_id => 'msg_snap_1',
    p_event_type => 'subscriptionItem.active', p_event_at => '2026-01-02'
  ),
  'applied',
  'an item of a payer who was never seen is applied'
);
select results_eq(
  $$
  select subscription_external_id, user_external_id, organization_external_id, plan, plan_name, status, "interval",
    is_free_trial, seats, period_start, period_end, created_at, updated_at
  from public.subscriptions
  where external_id = 'csub_item_a'
  $$,
  $$
  values (
    'csub_1'::varchar, 'user_snap'::varchar, null::varchar, 'pro'::varchar, 'Pro'::varchar, 'active'::varchar,
    'month'::varchar, false, 5, '2026-01-01Z'::timestamptz, '2026-02-01Z'::timestamptz, '2026-01-01Z'::timestamptz,
    '2026-01-02Z'::timestamptz
  )
  $$,
  'every parameter lands in its column'
);
select results_eq(
  $$
  select event_type, object_id, user_external_id, organization_external_id, outcome::text
  from clerk_sync.events
  where event_id = 'msg_snap_1'
  $$,
  $$ values ('subscriptionItem.active', 'csub_item_a', 'user_snap', null::text, 'applied') $$,
  'the ledger knows the item and its payer'
);
select is(
  public.record_snapshots('subscription', pg_temp.items(pg_temp.item('a')), p_event_id => 'msg_snap_1'),
  'duplicate',
  'the same event again is a duplicate'
);
select is(
  public.record_snapshots(
    'subscription', pg_temp.items(pg_temp.item('a', '{"p_status": "ended", "p_updated_at": "2026-01-01"}')),
    p_event_at => '2026-01-09'
  ),
  'stale',
  'an older state is stale, whenever it is told'
);
select is(
  public.record_snapshots(
    'subscription',
    pg_temp.items(pg_temp.item('a', '{"p_status": "ended", "p_updated_at": "2026-01-03", "p_seats": null, "p_plan_name": null}')),
    p_event_at => '2026-01-03'
  ),
  'applied',
  'a newer state is applied'
);
select results_eq(
  $$ select status, seats, plan_name from public.subscriptions where external_id = 'csub_item_a' $$,
  $$ values ('ended'::varchar, null::integer, null::varchar) $$,
  'and what it says there is none of, is none'
);
select is(
  public.record_snapshots(
    'subscription', pg_temp.items(pg_temp.item('a', '{"p_updated_at": "2026-01-04"}')), p_event_at => '2026-01-04'
  ),
  'applied',
  'an item that ended is a state like others: a newer one replaces it'
);

-- Of one payer, as subscription.* tells them.
select is(
  public.record_snapshots(
    'subscription', pg_temp.items(pg_temp.item('c', '{"p_status": "upcoming"}'), pg_temp.item('b'), pg_temp.item('a')),
    p_object_id => 'csub_1', p_event_id => 'msg_snap_2', p_event_type => 'subscription.updated', p_event_at => '2026-01-02'
  ),
  'applied',
  'an event with several items is applied when anything of it is new'
);
select results_eq(
  $$ select pg_temp.status('a'), pg_temp.status('b'), pg_temp.status('c') $$,
  $$ values ('active', 'active', 'upcoming') $$,
  'each item for itself'
);
select is(
  (select object_id from clerk_sync.events where event_id = 'msg_snap_2'),
  'csub_1',
  'the ledger knows such an event by its subscription'
);
select is(
  public.record_snapshots('subscription', '[]', p_object_id => 'csub_1', p_event_id => 'msg_snap_3'),
  'stale',
  'an event without items changes nothing'
);
select is(
  public.record_snapshots(
    'subscription',
    pg_temp.items(
      pg_temp.item('d', '{"p_status": "active", "p_updated_at": "2026-01-03"}'),
      pg_temp.item('d', '{"p_status": "upcoming", "p_updated_at": "2026-01-02"}')
    )
  ),
  'applied',
  'an item may be named twice'
);
select is(pg_temp.status('d'), 'active', 'and the newer one counts');

-- What is not told of an id is the same in any order.
select public.record_snapshots(
  'subscription',
  pg_temp.items(pg_temp.item('e', '{"p_subscription_external_id": null, "p_updated_at": "2026-01-05"}'))
);
select is(
  public.record_snapshots('subscription', pg_temp.items(pg_temp.item('e'))),
  'applied',
  'an older state may tell an id that the newer one left out'
);
select is(
  public.record_snapshots(
    'subscription',
    pg_temp.items(
      pg_temp.item(
        'e', '{"p_subscription_external_id": null, "p_user_external_id": null, "p_status": "ended", "p_updated_at": "2026-01-06"}'
      )
    )
  ),
  'applied',
  'a newer one may leave ids out'
);
select results_eq(
  $$ select subscription_external_id, user_external_id, status from public.subscriptions where external_id = 'csub_item_e' $$,
  $$ values ('csub_1'::varchar, 'user_snap'::varchar, 'ended'::varchar) $$,
  'which stay'
);

delete from public.subscriptions where external_id = 'csub_item_b';
select is(
  public.record_snapshots('subscription', pg_temp.items(pg_temp.item('b', '{"p_updated_at": "2026-01-01"}'))),
  'applied',
  'a row that is gone is written again by whatever is told next'
);
select is(pg_temp.status('b'), 'active', 'and is there');
select is(
  public.record_snapshots('subscription', pg_temp.items(pg_temp.item('b'))),
  'applied',
  'the newest state is then newer than the row, though the register knew it'
);

select throws_ok(
  $$ select public.record_snapshots('subscription', pg_temp.items(pg_temp.item('x', '{"p_user_external_id": null}'))) $$,
  '23514', null, 'an item that nobody pays is refused'
);
select throws_ok(
  $$ select public.record_snapshots('subscription', pg_temp.items(pg_temp.item('x', '{"p_organization_external_id": "org_x"}'))) $$,
  '23514', null, 'as is one that two pay'
);
select throws_ok(
  $$ select public.record_snapshots('subscription', pg_temp.items(pg_temp.item('x', '{"p_external_id": ""}'))) $$,
  '23514', null, 'an empty id is refused'
);
select throws_ok(
  $$ select public.record_snapshots('subscription', pg_temp.items(pg_temp.item('x', '{"p_external_id": null}'))) $$,
  '23502', null, 'a missing id is refused'
);
select throws_ok(
  $$ select public.record_snapshots('subscription', '{}') $$, '22023', null, 'what is no array is refused'
);
select throws_ok(
  $$ select public.record_snapshots('subscription', '[1]') $$, '22023', null, 'what holds no objects is refused'
);
select throws_ok(
  $$ select public.record_snapshots('payment', pg_temp.items(pg_temp.item('x'))) $$, '20000', null, 'another kind is refused'
);

-- Invitations.
create function pg_temp.invitation(p_id text, p_more jsonb default '{}')
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'p_external_id', 'orginv_' || p_id, 'p_organization_external_id', 'org_snap', 'p_email', 'bob@example.test',
    'p_clerk_role', 'org:admin', 'p_status', 'pending', 'p_inviter_external_id', 'user_snap', 'p_user_external_id', null,
    'p_expires_at', '2026-02-01T00:00:00Z', 'p_created_at', '2026-01-01T00:00:00Z', 'p_updated_at', '2026-01-01T00:00:00Z'
  ) || p_more
$$;
select is(
  public.record_snapshots('invitation', pg_temp.items(pg_temp.invitation('a')), p_event_at => '2026-01-01'),
  'applied',
  'an invitation to an organization that was never seen is applied'
);
select results_eq(
  $$
  select organization_external_id, email, role, clerk_role, status, inviter_external_id, user_external_id, expires_at
  from public.organization_invitations
  where external_id = 'orginv_a'
  $$,
  $$
  values (
    'org_snap'::varchar, 'bob@example.test'::varchar, 'admin'::varchar, 'org:admin'::varchar, 'pending'::varchar,
    'user_snap'::varchar, null::varchar, '2026-02-01Z'::timestamptz
  )
  $$,
  'every parameter lands in its column'
);
select is_empty(
  $$ select from public.organizations where external_id = 'org_snap' $$, 'it makes no organization, and nobody a member'
);
select is(
  public.record_snapshots(
    'invitation',
    pg_temp.items(
      pg_temp.invitation('a', '{"p_status": "accepted", "p_user_external_id": "user_bob", "p_updated_at": "2026-01-01T00:00:00Z"}')
    ),
    p_event_at => '2025-12-31'
  ),
  'applied',
  'an answer counts against pending, even where its clocks are behind'
);
select is(
  public.record_snapshots(
    'invitation', pg_temp.items(pg_temp.invitation('a', '{"p_updated_at": "2026-01-09"}')), p_event_at => '2026-01-09'
  ),
  'stale',
  'what is answered is never pending again'
);
select is(
  public.record_snapshots(
    'invitation', pg_temp.items(pg_temp.invitation('a', '{"p_status": "revoked", "p_updated_at": "2026-01-03"}')),
    p_event_at => '2026-01-03'
  ),
  'applied',
  'of two answers the later counts'
);
select results_eq(
  $$ select status, user_external_id from public.organization_invitations where external_id = 'orginv_a' $$,
  $$ values ('revoked'::varchar, 'user_bob'::varchar) $$,
  'and who had accepted stays known'
);

-- What a backfill does with a page, and a drift check.
select is(
  public.sync_record_snapshots('invitation', pg_temp.items(pg_temp.invitation('a'), pg_temp.invitation('b'))),
  '{"applied": 1, "stale": 1}',
  'a page counts what was new'
);
update public.subscriptions set plan = 'enterprise', period_end = null where external_id = 'csub_item_b';
select results_eq(
  $$
  select external_id, kind, fields
  from public.sync_compare_snapshots(
    'subscription',
    pg_temp.items(
      pg_temp.item('b'), pg_temp.item('z'), pg_temp.item('c', '{"p_status": "upcoming"}'),
      pg_temp.item('d', '{"p_updated_at": "2026-01-09"}')
    )
  )
  order by 1
  $$,
  $$
  values
    ('csub_item_b', 'different', '{period_end,plan}'::text[]), ('csub_item_d', 'stale', '{}'), ('csub_item_z', 'missing', '{}')
  $$,
  'what differs is found, and what does not is not'
);
select results_eq(
  $$ select external_id from public.sync_list_snapshots('subscription', p_user_external_id => 'user_snap') $$,
  $$ values ('csub_item_a'), ('csub_item_b'), ('csub_item_c'), ('csub_item_d') $$,
  'the items that have not ended are listed'
);
select is(
  public.record_snapshots('subscription', '[{"p_external_id": "csub_item_c", "p_status": "ended"}]'),
  'applied',
  'what Clerk does not have any more is ended by hand'
);
select results_eq(
  $$ select status, plan, user_external_id from public.subscriptions where external_id = 'csub_item_c' $$,
  $$ values ('ended'::varchar, 'pro'::varchar, 'user_snap'::varchar) $$,
  'and what is left out stays'
);

select * from finish();
rollback;
