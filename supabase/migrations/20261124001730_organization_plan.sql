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
  'Slug of the plan that a user, or an organization, has paid for now: of the item that is active, past due, or canceled and still '
  'running; of several the one whose period began last, the default plan''s after all others. Null: none.';

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
  set plan = followed.plan
  from (
    select payer, coalesce(clerk_sync.plan_in_force(null, payer), 'free') as plan
    from unnest(p_organization_external_ids) payer
    where exists (
      select
      from public.subscriptions
      where organization_external_id = payer
    )
  ) followed
  where o.external_id = followed.payer
    and o.plan is distinct from followed.plan
    and (select plan_follows_billing from clerk_sync.settings where is_set);
end;
$$;

revoke execute on function clerk_sync.follow_plans(text[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.follow_plans(text[]) is
  'Sets the plan of organizations to what they have paid for, free where nothing is in force. Those that never had a subscription '
  'item keep what the app set, as do all while the following is off.';

create function clerk_sync.follow_plan()
returns trigger
language plpgsql
volatile
security definer -- whoever may write the row need not be allowed to write the plan
set search_path = pg_catalog, pg_temp
as $$
begin
  perform clerk_sync.follow_plans(array[to_jsonb(old) ->> tg_argv[0], to_jsonb(new) ->> tg_argv[0]]);
  return null;
end;
$$;

revoke execute on function clerk_sync.follow_plan()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.follow_plan() is
  'Follows a change of a subscription item, an organization that appears after it, and a plan that somebody writes; the argument '
  'is the column with the organization''s id.';

create trigger the_plan_follows
  after insert or update or delete on public.subscriptions
  for each row
  execute function clerk_sync.follow_plan('organization_external_id');

comment on trigger the_plan_follows on public.subscriptions is 'The plan of the organization that pays follows what is in force.';

create trigger the_plan_follows
  after insert or update of plan on public.organizations
  for each row
  execute function clerk_sync.follow_plan('external_id');

comment on trigger the_plan_follows on public.organizations is
  'A subscription item may have arrived before its organization; and what follows is nobody else''s to write.';

create function public.sync_plan_follows_billing(
  p_is_on boolean default null
)
returns boolean
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
declare
  v_is_on boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('everything:', 0));
  update clerk_sync.settings
  set plan_follows_billing = coalesce(p_is_on, plan_follows_billing)
  where is_set -- the one row: without a condition the Data API's role may not
  returning plan_follows_billing into v_is_on;

  if p_is_on then
    perform clerk_sync.follow_plans(
      array(select distinct organization_external_id from public.subscriptions where organization_external_id is not null)
    );
  end if;
  return v_is_on;
end;
$$;

revoke execute on function public.sync_plan_follows_billing(boolean)
  from public, anon, authenticated;
grant execute on function public.sync_plan_follows_billing(boolean)
  to service_role;

comment on function public.sync_plan_follows_billing(boolean) is
  'Turns the following of Clerk Billing by organizations.plan on, at once for all, or off, and returns which it is; without an '
  'argument only that. It is on from the beginning. For service_role only.';
