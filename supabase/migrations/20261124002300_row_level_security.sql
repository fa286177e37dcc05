-- Who may read what: signed-in users, what is theirs. They write nothing but the timezone of an organization: the sync is
-- the only writer, and the plan grants rights, whether the app sets it or it follows Clerk Billing. anon has no grant at all.

grant select on table public.users to authenticated;

create policy "a user reads the own row"
  on public.users
  for select
  to authenticated
  using (id = (select public.my_user_id()));

comment on policy "a user reads the own row" on public.users is
  'All of it. What others see is in public_user_data.';

grant select on table public.public_user_data to authenticated;

-- Arrays, for an index can find what is in them: after `in`, who asks for all colleagues would read all users. Two, for each row
-- that a join brings is looked for from an array's start.
create policy "a user reads what is shared of colleagues"
  on public.public_user_data
  for select
  to authenticated
  using (
    id = (select public.my_user_id())
    or (
      id < '80000000-0000-0000-0000-000000000000'
      and id = any (array(select public.my_colleague_ids(p_last => '7fffffff-ffff-ffff-ffff-ffffffffffff')))
    )
    or (
      id >= '80000000-0000-0000-0000-000000000000'
      and id = any (array(select public.my_colleague_ids(p_first => '80000000-0000-0000-0000-000000000000')))
    )
  );

comment on policy "a user reads what is shared of colleagues" on public.public_user_data is
  'Colleagues are the active members of organizations in which the user is active. The own row comes first: who asks for it '
  'alone does not pay for the others.';

grant select on table public.organizations to authenticated;
grant update (timezone) on table public.organizations to authenticated;

create policy "a member reads the organization"
  on public.organizations
  for select
  to authenticated
  using (id = any (array(select public.my_organization_ids())));

comment on policy "a member reads the organization" on public.organizations is
  'An array, for an index can find what is in it.';

create policy "an owner or admin changes the timezone"
  on public.organizations
  for update
  to authenticated
  using (id = any (array(select public.my_organization_ids('{owner,admin}'))))
  with check (id = any (array(select public.my_organization_ids('{owner,admin}'))));

comment on policy "an owner or admin changes the timezone" on public.organizations is
  'The grant is on this column alone.';

-- A page of a backfill and a change of several organizations lock rows each in an order of its own. No page begins before the
-- change has ended, nor the other way round: rule 8, for those who come without an RPC.
create function clerk_sync.wait_for_pages()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('everything:', 0));
  return null;
end;
$$;

revoke execute on function clerk_sync.wait_for_pages()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.wait_for_pages() is
  'Waits for a page that is being applied, and lets none begin before the transaction ends.';

create trigger an_app_waits_for_pages
  before update on public.organizations
  for each statement
  -- The RPCs run as their owner, and hold the lock already.
  when (current_user in ('authenticated', 'service_role'))
  execute function clerk_sync.wait_for_pages();

comment on trigger an_app_waits_for_pages on public.organizations is
  'An app that changes the timezone or the plan of several organizations meets no deadlock with a backfill.';

grant select on table public.organization_members to authenticated;

create policy "a member reads the memberships of the organization"
  on public.organization_members
  for select
  to authenticated
  using (organization_id = any (array(select public.my_organization_ids())));

comment on policy "a member reads the memberships of the organization" on public.organization_members is
  'Those that are inactive too.';

grant select on table public.user_sessions to authenticated;

create policy "a user reads the own sign-ins"
  on public.user_sessions
  for select
  to authenticated
  using (
    user_external_id = (
      select external_id
      from public.users
      where id = (select public.my_user_id())
    )
  );

comment on policy "a user reads the own sign-ins" on public.user_sessions is
  'Those of the signed-in user, by Clerk id.';

grant select on table public.subscriptions to authenticated;

create policy "a member reads what the organization pays for, a user the own"
  on public.subscriptions
  for select
  to authenticated
  using (
    user_external_id = (
      select external_id
      from public.users
      where id = (select public.my_user_id())
    )
    or organization_external_id = any (
      array(
        select external_id
        from public.organizations
        where id = any (array(select public.my_organization_ids()))
      )
    )
  );

comment on policy "a member reads what the organization pays for, a user the own" on public.subscriptions is
  'By Clerk id, for the payer may arrive later.';

grant select on table public.organization_invitations to authenticated;

create policy "an owner or admin reads the invitations"
  on public.organization_invitations
  for select
  to authenticated
  using (
    organization_external_id = any (
      array(
        select external_id
        from public.organizations
        where id = any (array(select public.my_organization_ids('{owner,admin}')))
      )
    )
  );

comment on policy "an owner or admin reads the invitations" on public.organization_invitations is
  'Nobody else: they hold addresses of people who are no members yet.';
