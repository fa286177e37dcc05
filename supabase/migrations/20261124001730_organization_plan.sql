-- organizations.plan follows Clerk Billing, once the organization has had a subscription item: a function of the rows of
-- public.subscriptions, kept by triggers, so that it is right whoever writes them and whichever row comes first.

create function clerk_sync.plan_in_force(
  p_user_external_id text,
  p_organization_external_id text
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select plan
    from public.subscriptions
    where (user_external_id = p_user_external_id or organization_external_id = p_organization_external_id)
      and plan is not null
      and (status in ('active', 'past_due') or status = 'canceled' and period_end > now())
    -- The default plan's item has no end.
    order by period_end is null, period_start desc nulls last, created_at desc, external_id collate "C" desc
    limit 1
  );
end;
$$;

revoke execute on function clerk_sync.plan_in_force(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.plan_in_force(text, text) is
  'Slug of the plan that a user, or an organization, has paid for now: of the item that is active, past due, or canceled and '
  'still running; of several the one whose period began last, the default plan''s after all others. Null: none.';

create function clerk_sync.follow_plans(
  p_organization_external_ids text[]
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update public.organizations o
  set plan = coalesce(clerk_sync.plan_in_force(null, o.external_id), 'free')
  where o.external_id = any (p_organization_external_ids)
    and o.plan is distinct from coalesce(clerk_sync.plan_in_force(null, o.external_id), 'free')
    and (select plan_follows_billing from clerk_sync.settings where is_set);
end;
$$;

revoke execute on function clerk_sync.follow_plans(text[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.follow_plans(text[]) is
  'Sets the plan of organizations that have, or had, a subscription item to what they have paid for, free where nothing is in '
  'force; while the following is off, of none. The caller holds the organizations'' locks.';

create function clerk_sync.follow_plan()
returns trigger
language plpgsql
volatile
security definer -- whoever may write the row need not be allowed to write the plan
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_table_name = 'subscriptions' then
    perform clerk_sync.follow_plans(array[old.organization_external_id, new.organization_external_id]);
  elsif exists (
    select
    from public.subscriptions
    where organization_external_id = new.external_id
  ) then
    perform clerk_sync.follow_plans(array[new.external_id]);
  end if;
  return null;
end;
$$;

revoke execute on function clerk_sync.follow_plan()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.follow_plan() is
  'Follows a change of a subscription item, an organization that appears after it, and a plan that somebody else writes.';

create trigger the_plan_follows
  after insert or update or delete on public.subscriptions
  for each row
  execute function clerk_sync.follow_plan();

comment on trigger the_plan_follows on public.subscriptions is
  'The plan of the organization that pays, or paid, follows what is in force.';

create trigger the_plan_follows
  after insert or update of plan on public.organizations
  for each row
  -- Also against a trigger of the app's, but not against one that answers to this: the two would never come to an end.
  when (pg_trigger_depth() < 2)
  execute function clerk_sync.follow_plan();

comment on trigger the_plan_follows on public.organizations is
  'A subscription item may have arrived before its organization; and what follows is nobody else''s to write.';

create function clerk_sync.end_canceled_plans()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_organizations constant text[] := array(
    select distinct o.external_id
    from public.subscriptions s
    join public.organizations o on o.external_id = s.organization_external_id
    where s.status = 'canceled'
      and s.period_end <= now()
      and o.plan is distinct from coalesce(clerk_sync.plan_in_force(null, o.external_id), 'free')
      and (select plan_follows_billing from clerk_sync.settings where is_set)
    order by 1
    limit 100
  );
begin
  if v_organizations = '{}' then
    return;
  end if;
  perform pg_advisory_xact_lock_shared(hashtextextended('everything:', 0));
  perform pg_advisory_xact_lock(hashtextextended('organization:' || id, 0))
  from unnest(v_organizations) id;
  perform clerk_sync.follow_plans(v_organizations);
end;
$$;

revoke execute on function clerk_sync.end_canceled_plans()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.end_canceled_plans() is
  'Follows the end of canceled subscription items, of which Clerk''s own event may be late or lost: of a hundred organizations. '
  'For whoever comes by regularly.';

create function public.sync_plan_follows_billing(
  p_is_on boolean default null
)
returns boolean
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_is_on is not null then
    -- Alone: whatever is being written now has asked before, and would be missed.
    perform pg_advisory_xact_lock(hashtextextended('everything:', 0));
    update clerk_sync.settings
    set plan_follows_billing = p_is_on
    where is_set; -- the one row: without a condition the Data API's role may not
    perform clerk_sync.follow_plans(
      array(select distinct organization_external_id from public.subscriptions where organization_external_id is not null)
    );
  end if;
  return (select plan_follows_billing from clerk_sync.settings where is_set);
end;
$$;

revoke execute on function public.sync_plan_follows_billing(boolean)
  from public, anon, authenticated;
grant execute on function public.sync_plan_follows_billing(boolean)
  to service_role;

comment on function public.sync_plan_follows_billing(boolean) is
  'Turns the following of Clerk Billing by organizations.plan on, at once for all, or off, and returns which it is; without an '
  'argument only that. It is on from the beginning. For service_role only.';
