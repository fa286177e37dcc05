-- Rule 5: nothing waits for a retry. Every membership event brings its user and its organization along.

create function clerk_sync.merge_parents(
  p_organization_external_id text,
  p_organization_name text,
  p_organization_slug text,
  p_organization_logo_url text,
  p_organization_created_by text,
  p_user_external_id text,
  p_user_email text,
  p_user_full_name text,
  p_user_avatar_url text,
  p_user_username text,
  p_user_banned boolean,
  p_event_id text,
  p_event_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_only_the_id constant clerk_sync.version := row(1, '-infinity', p_event_at, coalesce(p_event_id, ''));
  v_stub constant clerk_sync.version := row(2, '-infinity', p_event_at, coalesce(p_event_id, ''));
  v_needs_user boolean;
  v_needs_organization boolean;
begin
  -- A snapshot never becomes a stub again, so what is read here before the lock still holds under it.
  select not exists (
    select
    from clerk_sync.user_register
    where external_id = p_user_external_id
      and (version).rank >= 3
  )
  into v_needs_user;
  select not exists (
    select
    from clerk_sync.organization_register
    where external_id = p_organization_external_id
      and (version).rank >= 3
      and (p_organization_created_by is null or (creator_version).rank >= 3)
  )
  into v_needs_organization;

  if p_user_external_id is null then
    v_needs_user := false;
  elsif not v_needs_user then
    perform clerk_sync.lock_shared('user', p_user_external_id);
  else
    perform clerk_sync.lock('user', p_user_external_id);
    -- A user who appears brings along what waited in other organizations: all are locked now, in order.
    perform clerk_sync.lock('organization', o.external_id)
    from (
      select organization_external_id as external_id
      from clerk_sync.membership_register
      where user_external_id = p_user_external_id
      union
      select p_organization_external_id
      order by external_id
    ) o;
  end if;

  if v_needs_organization then
    perform clerk_sync.lock('organization', p_organization_external_id);
  else
    perform clerk_sync.lock_shared('organization', p_organization_external_id);
  end if;

  if v_needs_user then
    perform clerk_sync.merge_user(
      p_user_external_id,
      case
        when num_nonnulls(p_user_email, p_user_full_name, p_user_avatar_url, p_user_username, p_user_banned) = 0
          then v_only_the_id
        else v_stub
      end,
      p_user_email, p_user_full_name, p_user_avatar_url, p_user_username, p_user_banned, null, p_event_at, p_event_at
    );
  end if;

  if v_needs_organization then
    perform clerk_sync.merge_organization(
      p_organization_external_id,
      case when p_organization_name is null then v_only_the_id else v_stub end,
      p_organization_name, p_organization_slug, p_organization_logo_url, p_organization_created_by, null, p_event_at,
      p_event_at
    );
  end if;
end;
$$;

revoke execute on function clerk_sync.merge_parents(
  text, text, text, text, text, text, text, text, text, text, boolean, text, timestamptz
)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_parents(
  text, text, text, text, text, text, text, text, text, text, boolean, text, timestamptz
) is
  'Rule 5. Locks the user and the organization of a membership event and merges what the event says of them as stubs: '
  'newest event among stubs, and any snapshot of their own overrides them. A null user is left out.';
