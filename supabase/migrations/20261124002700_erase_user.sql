-- Erasure: what is personal of a deleted user goes, everywhere we keep it; ids and relations stay. It is for good: an
-- event that comes after it brings nothing back.

create table clerk_sync.settings (
  is_set boolean primary key default true,
  erase_on_delete boolean not null default false,
  plan_follows_billing boolean not null default true,
  constraint there_is_one_setting check (is_set)
);

alter table clerk_sync.settings enable row level security;

insert into clerk_sync.settings default values;
-- Where the sync was before, its rows are there already.
select public.sync_plan_follows_billing(true);

comment on table clerk_sync.settings is 'What the operator decides: one row.';
comment on column clerk_sync.settings.is_set is 'Always true: there is one row.';
comment on column clerk_sync.settings.erase_on_delete is 'Whether a user is erased as soon as the deletion arrives.';
comment on column clerk_sync.settings.plan_follows_billing is
  'Whether the plan of an organization that has subscription items is what it has paid for.';

create function clerk_sync.erase(
  p_external_id text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update clerk_sync.user_register
  set erased_at = clock_timestamp()
  where external_id = p_external_id
    and erased_at is null;

  update public.organization_invitations
  set email = ''
  where user_external_id = p_external_id
    or email <> '' and lower(email) = (select lower(email) from public.users where external_id = p_external_id);

  update public.users
  set email = '',
      full_name = null,
      avatar_url = null,
      username = null,
      public_metadata = '{}'
  where external_id = p_external_id;

  update public.user_sessions
  set client_id = null,
      device = null,
      browser = null,
      city = null,
      country = null
  where user_external_id = p_external_id;
end;
$$;

revoke execute on function clerk_sync.erase(text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.erase(text) is
  'Blanks what is personal of a user and remembers it. The caller holds the user''s lock and knows that the user is '
  'deleted.';

create function public.sync_erase_user(
  p_external_id text
)
returns public.sync_outcome
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known clerk_sync.user_register;
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('everything:', 0));
  perform pg_advisory_xact_lock(hashtextextended('user:' || p_external_id, 0));

  select *
  into v_known
  from clerk_sync.user_register
  where external_id = p_external_id;
  if v_known.deleted_at is null then
    raise exception 'only a deleted user can be erased'
      using errcode = 'object_not_in_prerequisite_state',
            detail = 'the user is not known, or not as deleted',
            hint = 'Delete the user in Clerk, or call delete_user first.';
  elsif v_known.erased_at is not null then
    return 'stale'::public.sync_outcome;
  end if;

  perform clerk_sync.erase(p_external_id);
  return 'applied'::public.sync_outcome;
end;
$$;

revoke execute on function public.sync_erase_user(text)
  from public, anon, authenticated;
grant execute on function public.sync_erase_user(text)
  to service_role;

comment on function public.sync_erase_user(text) is
  'Blanks the personal data of a deleted user: email, names, picture and metadata in users, what is shared of them in '
  'public_user_data; client, device, browser, city and country in user_sessions; the address in invitations that were accepted '
  'by the user or sent to that email. Ids, times and memberships stay, and no later event brings the data back. Returns '
  'applied, or stale when it was done before. Safe to repeat. Raises 55000 for a user who is not deleted. For service_role only.';

create function public.sync_erase_on_delete(
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
  update clerk_sync.settings
  set erase_on_delete = coalesce(p_is_on, erase_on_delete)
  where is_set -- the one row: without a condition the Data API's role may not
  returning erase_on_delete into v_is_on;
  return v_is_on;
end;
$$;

revoke execute on function public.sync_erase_on_delete(boolean)
  from public, anon, authenticated;
grant execute on function public.sync_erase_on_delete(boolean)
  to service_role;

comment on function public.sync_erase_on_delete(boolean) is
  'Turns erasure at every user.deleted on or off, and returns which it is; without an argument only that. For users who '
  'were deleted before call sync_erase_user. For service_role only.';
