-- organizations.plan is what an organization has paid for, once it has had a subscription item; my_plan tells a user's.
begin;
set local search_path = public, extensions;
select plan(50);

-- An item of an organization, told at a time of its own: each newer than the one before.
create sequence pg_temp.told;
create function pg_temp.tell(p_organization text, p_item text, p_more jsonb default '{}')
returns public.sync_outcome
language sql
as $$
  select public.record_snapshots('subscription', jsonb_build_array(jsonb_build_object(
    'p_external_id', 'csub_item_plan_' || p_item, 'p_organization_external_id', 'org_plan_' || p_organization, 'p_plan', p_item,
    'p_status', 'active', 'p_period_start', '2026-01-01', 'p_period_end', '2026-02-01', 'p_created_at', '2026-01-01',
    'p_updated_at', timestamptz '2026-01-01' + nextval('pg_temp.told') * interval '1 second'
  ) || p_more));
$$;

create function pg_temp.plan_of(p_organization text)
returns text
language sql
as $$ select plan from public.organizations where external_id = 'org_plan_' || p_organization $$;

select public.upsert_org_with_owner('org_plan_' || name, name) from unnest('{a,b,app,gone}'::text[]) name;

-- What is in force.
select is(pg_temp.plan_of('a'), 'free', 'without an item the plan is the column''s default');
select pg_temp.tell('a', 'pro');
select is(pg_temp.plan_of('a'), 'pro', 'an active item is in force');
select pg_temp.tell('a', 'pro', '{"p_status": "past_due"}');
select is(pg_temp.plan_of('a'), 'pro', 'so is one that is past due');

create function pg_temp.plan_when(p_status text, p_period_end timestamptz)
returns text
language plpgsql
as $$
begin
  perform pg_temp.tell('a', 'pro', jsonb_build_object('p_status', p_status, 'p_period_end', p_period_end));
  return pg_temp.plan_of('a');
end;
$$;
select is(pg_temp.plan_when('canceled', now() + interval '1 minute'), 'pro', 'so is a canceled one, to the end of its period');
select is(pg_temp.plan_when('canceled', now()), 'free', 'and no longer');
select is(pg_temp.plan_when('canceled', null), 'free', 'a canceled one without an end grants nothing');
select is(pg_temp.plan_when(status, now() + interval '1 day'), 'free', format('%s grants nothing', status))
from unnest('{upcoming,incomplete,abandoned,ended,expired,a_new_word,Active}'::text[]) status;
select is(pg_temp.plan_when('active', '2000-01-01'), 'pro', 'an active one is in force as long as Clerk says so');
select pg_temp.tell('a', 'pro', '{"p_plan": null}');
select is(pg_temp.plan_of('a'), 'free', 'an item without a plan grants nothing');

-- Several at once.
select pg_temp.tell('a', 'free_org', '{"p_period_start": "2026-06-01", "p_period_end": null}');
select is(pg_temp.plan_of('a'), 'free_org', 'the default plan''s item is in force where nothing else is');
select pg_temp.tell('a', 'pro');
select is(pg_temp.plan_of('a'), 'pro', 'and comes after all others, whenever it began');
select pg_temp.tell('a', 'team', '{"p_period_start": "2026-01-15"}');
select is(pg_temp.plan_of('a'), 'team', 'of several the one whose period began last is in force');
select pg_temp.tell('a', 'early', '{"p_period_start": "2025-01-15", "p_created_at": "2026-03-01"}');
select is(pg_temp.plan_of('a'), 'team', 'whichever was told last');
select pg_temp.tell('a', 'extra', '{"p_period_start": "2026-01-15", "p_created_at": "2026-01-02"}');
select is(pg_temp.plan_of('a'), 'extra', 'of two that began together the one that was created last');
select is(
  public.record_snapshots('subscription', '[
    {"p_external_id": "csub_item_plan_team", "p_status": "ended"}, {"p_external_id": "csub_item_plan_extra", "p_status": "ended"}
  ]', p_event_at => '2027-01-01'),
  'applied',
  'an event may tell of several items, and leave out whose they are'
);
select is(pg_temp.plan_of('a'), 'pro', 'and the plan follows all of them');
select is(
  public.record_snapshots('subscription', '[{"p_external_id": "csub_item_plan_pro", "p_status": "ended"}]', p_event_at => '2020-01-01'),
  'stale',
  'an older state is stale'
);
select is(pg_temp.plan_of('a'), 'pro', 'and changes no plan');

-- Another payer; a row that somebody deletes or changes.
select pg_temp.tell('b', 'pro');
select results_eq(
  $$ select pg_temp.plan_of('a'), pg_temp.plan_of('b') $$,
  $$ values ('early', 'pro') $$,
  'where another organization pays from now on, both plans follow'
);
delete from public.subscriptions where external_id = 'csub_item_plan_early';
select is(pg_temp.plan_of('a'), 'free_org', 'an item that somebody deletes is in force no longer');
delete from public.subscriptions where external_id = 'csub_item_plan_pro';
select is(pg_temp.plan_of('b'), 'free', 'even when it was the last one');
select pg_temp.tell('b', 'pro');
select is(pg_temp.plan_of('b'), 'pro', 'until it is told again');
update public.subscriptions set status = 'ended' where external_id = 'csub_item_plan_pro';
select is(pg_temp.plan_of('b'), 'free', 'one that somebody ends is, too');

-- In any order.
select pg_temp.tell('later', 'pro_later');
select is_empty($$ select from public.organizations where external_id = 'org_plan_later' $$, 'an item makes no organization');
select public.set_membership('org_plan_later', 'user_plan_a');
select is(pg_temp.plan_of('later'), 'pro_later', 'an organization that comes after its item has the plan, as a stub too');
select pg_temp.tell('page', 'pro_page');
select public.sync_upsert_orgs('[{"p_external_id": "org_plan_page", "p_name": "Page"}, {"p_external_id": "org_plan_none", "p_name": "None"}]');
select results_eq(
  $$ select pg_temp.plan_of('page'), pg_temp.plan_of('none') $$, $$ values ('pro_page', 'free') $$, 'and so has one of a page'
);
select pg_temp.tell('over', 'pro_over', '{"p_status": "ended"}');
alter table public.organizations alter plan set default 'starter';
select public.upsert_org_with_owner('org_plan_over', 'Over');
select public.upsert_org_with_owner('org_plan_new', 'New');
select results_eq(
  $$ select pg_temp.plan_of('over'), pg_temp.plan_of('new') $$,
  $$ values ('free', 'starter') $$,
  'an app''s own default stands where there never was an item, and nowhere else'
);
update public.organizations set plan = 'enterprise' where external_id = 'org_plan_app';
select public.upsert_org_with_owner('org_plan_app', 'App again', p_with_owner => false);
select is(pg_temp.plan_of('app'), 'enterprise', 'what the app set stays without an item');
select public.delete_org('org_plan_gone');
select pg_temp.tell('gone', 'pro_gone');
select results_eq(
  $$ select plan, deleted_at is not null from public.organizations where external_id = 'org_plan_gone' $$,
  $$ values ('pro_gone'::varchar, true) $$,
  'the plan of a deleted organization follows, and it stays deleted'
);

-- The end of a period, of which no event came.
update public.subscriptions set status = 'canceled', period_end = now() + interval '1 hour' where plan in ('pro_page', 'pro_later');
alter table public.subscriptions disable trigger the_plan_follows;
update public.subscriptions set period_end = now() - interval '100 days' where plan = 'pro_page';
alter table public.subscriptions enable trigger the_plan_follows;
select public.sync_purge_events('1000 days');
select results_eq(
  $$ select pg_temp.plan_of('page'), pg_temp.plan_of('later'), pg_temp.plan_of('app') $$,
  $$ values ('free', 'pro_later', 'enterprise') $$,
  'a purge follows the canceled items whose periods are over, and touches nothing else'
);

-- The setting.
select is(public.sync_plan_follows_billing(), true, 'plans follow from the beginning');
select is(public.sync_plan_follows_billing(false), false, 'that can be turned off');
select pg_temp.tell('b', 'pro');
select pg_temp.tell('unheard', 'pro_unheard');
select public.upsert_org_with_owner('org_plan_unheard', 'Unheard');
select public.sync_purge_events('1000 days');
select results_eq(
  $$ select pg_temp.plan_of('b'), pg_temp.plan_of('unheard') $$, $$ values ('free', 'starter') $$, 'then plans are the app''s own'
);
select is(public.sync_plan_follows_billing(true), true, 'and on again');
select results_eq(
  $$ select pg_temp.plan_of('b'), pg_temp.plan_of('unheard'), pg_temp.plan_of('later'), pg_temp.plan_of('app') $$,
  $$ values ('pro', 'pro_unheard', 'pro_later', 'enterprise') $$,
  'then all that have had an item follow at once, and no other'
);

-- Whoever else writes.
update public.organizations set plan = 'mine' where external_id in ('org_plan_b', 'org_plan_app');
select results_eq(
  $$ select pg_temp.plan_of('b'), pg_temp.plan_of('app') $$, $$ values ('pro', 'mine') $$,
  'what somebody else writes where the plan follows is set back at once'
);
create table public.orders_of_ours (number integer);
create function pg_temp.upgrade() returns trigger language plpgsql as $$
begin
  update public.organizations set plan = 'ordered' where external_id = 'org_plan_b' and plan <> 'ordered';
  return null;
end;
$$;
create trigger upgrade after insert on public.orders_of_ours for each row execute function pg_temp.upgrade();
insert into public.orders_of_ours values (1);
select is(pg_temp.plan_of('b'), 'pro', 'also where a trigger of the app''s writes');
create trigger upgrade after update on public.organizations for each row execute function pg_temp.upgrade();
select pg_temp.tell('b', 'plus', '{"p_period_start": "2026-01-02"}');
select is(pg_temp.plan_of('b'), 'ordered', 'but one that answers to what was set has the last word, for the two would never end');
drop trigger upgrade on public.organizations;
select pg_temp.tell('b', 'plus', '{"p_status": "ended"}');

-- Rules of the app's.
alter table public.organizations add constraint a_plan_of_ours check (plan in ('free', 'pro')) not valid;
select throws_like(
  $$ select pg_temp.tell('b', 'gold', '{"p_period_start": "2026-01-02"}') $$, '%a_plan_of_ours%', 'a plan that the app refuses is told'
);
select is_empty($$ select from public.subscriptions where plan = 'gold' $$, 'and nothing of the item is kept');
alter table public.organizations drop constraint a_plan_of_ours;
create function pg_temp.in_capitals() returns trigger language plpgsql as $$ begin new.plan := upper(new.plan); return new; end $$;
create trigger in_capitals before update of plan on public.organizations for each row execute function pg_temp.in_capitals();
select pg_temp.tell('b', 'gold', '{"p_period_start": "2026-01-02"}');
select is(pg_temp.plan_of('b'), 'GOLD', 'a trigger of the app''s may write it otherwise');

-- Users.
select public.upsert_user('user_plan_b');
select public.record_snapshots('subscription', '[{
  "p_external_id": "csub_item_plan_b", "p_user_external_id": "user_plan_b", "p_plan": "plus", "p_status": "active"
}]');
grant usage on schema extensions to authenticated;
set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "user_plan_b"}', true);
select is(public.my_plan(), 'plus', 'a user has the plan that the user has paid for');
select set_config('request.jwt.claims', '{"sub": "user_plan_a"}', true);
select is(public.my_plan(), 'free', 'not that of an organization, nor another user''s');
reset role;
select public.delete_user('user_plan_b');
set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "user_plan_b"}', true);
select is(public.my_plan(), 'free', 'a deleted user has none');
reset role;

select * from finish();
rollback;
