-- Rule 5: nothing waits for a retry. Every membership event brings its user and its organization along.

create function clerk_sync.user_stub(
  p_external_id text,
  p_email text,
  p_full_name text,
  p_avatar_url text,
  p_username text,
  p_banned boolean,
  p_deprovisioned boolean,
  p_event_id text,
  p_event_at timestamptz
)
returns clerk_sync.user_state
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return row(
    p_external_id,
    row(
      case when num_nonnulls(p_email, p_full_name, p_avatar_url, p_username, p_banned, p_deprovisioned) = 0 then 1 else 2 end,
      '-infinity', p_event_at, coalesce(p_event_id, '')
    )::clerk_sync.version,
    p_email, p_full_name, p_avatar_url, p_username, p_banned, p_deprovisioned, null, p_event_at, p_event_at
  )::clerk_sync.user_state;
end;
$$;

revoke execute on function clerk_sync.user_stub(text, text, text, text, text, boolean, boolean, text, timestamptz)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.user_stub(text, text, text, text, text, boolean, boolean, text, timestamptz) is
  'Rule 5. What a membership says of its user, below any snapshot: newest event among stubs, and one that holds only '
  'the id below one that tells more.';

create function clerk_sync.organization_stub(
  p_external_id text,
  p_name text,
  p_slug text,
  p_logo_url text,
  p_created_by text,
  p_event_id text,
  p_event_at timestamptz
)
returns clerk_sync.organization_state
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return row(
    p_external_id,
    row(
      case when p_name is null then 1 else 2 end, '-infinity', p_event_at, coalesce(p_event_id, '')
    )::clerk_sync.version,
    p_name, nullif(p_slug, ''), p_logo_url, nullif(p_created_by, ''), null, p_event_at, p_event_at
  )::clerk_sync.organization_state;
end;
$$;

revoke execute on function clerk_sync.organization_stub(text, text, text, text, text, text, timestamptz)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.organization_stub(text, text, text, text, text, text, timestamptz) is
  'Rule 5. What a membership says of its organization, below any snapshot.';

create function clerk_sync.needs_stubs(
  p_organization_external_id text,
  p_user_external_id text,
  p_created_by text
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_user_external_id is not null and not exists (
    select
    from clerk_sync.user_register
    where external_id = p_user_external_id
      and (version).rank >= 3
  )
  or not exists (
    select
    from clerk_sync.organization_register
    where external_id = p_organization_external_id
      and (version).rank >= 3
      and (coalesce(p_created_by, '') = '' or (creator_version).rank >= 3)
  );
end;
$$;

revoke execute on function clerk_sync.needs_stubs(text, text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.needs_stubs(text, text, text) is
  'Whether stubs may still tell something of the user or the organization of a pair, or who created it (p_created_by). Once '
  'false it stays so: a snapshot never becomes a stub again. A user whose id is null needs nothing.';

create function clerk_sync.lock_slugs(
  p_organization_external_id text,
  p_slug text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_slug constant text := nullif(p_slug, '');
  v_former text;
begin
  select claimed_slug
  into v_former
  from clerk_sync.organization_register
  where external_id = p_organization_external_id;

  perform
    pg_advisory_xact_lock(hashtextextended('slug:' || least(v_slug, v_former), 0)),
    pg_advisory_xact_lock(hashtextextended('slug:' || greatest(v_slug, v_former), 0));
end;
$$;

revoke execute on function clerk_sync.lock_slugs(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock_slugs(text, text) is
  'Locks the slug that an organization claims and the one that it is about to claim, in order. The caller holds the '
  'organization''s lock.';

create function clerk_sync.lock_pair(
  p_organization_external_id text,
  p_user_external_id text,
  p_slug text,
  p_created_by text
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_pair constant text := p_organization_external_id || ':' || p_user_external_id;
begin
  -- Read before the locks, but what is not needed now is never needed again.
  if not clerk_sync.needs_stubs(p_organization_external_id, p_user_external_id, p_created_by) then
    perform
      pg_advisory_xact_lock_shared(hashtextextended('user:' || p_user_external_id, 0)),
      pg_advisory_xact_lock_shared(hashtextextended('organization:' || p_organization_external_id, 0)),
      pg_advisory_xact_lock(hashtextextended('membership:' || v_pair, 0));
    return false;
  end if;

  perform pg_advisory_xact_lock(hashtextextended('user:' || p_user_external_id, 0));
  if clerk_sync.has_many_memberships(p_user_external_id) then
    perform pg_advisory_xact_lock(hashtextextended('everything:', 0));
    return true;
  end if;
  -- A user who appears brings along what waited in other organizations: all are locked now, in order.
  perform pg_advisory_xact_lock(hashtextextended('organization:' || o.external_id, 0))
  from (
    select organization_external_id as external_id
    from clerk_sync.membership_register
    where user_external_id = p_user_external_id
    union
    select p_organization_external_id
    order by external_id
  ) o;
  perform clerk_sync.lock_slugs(p_organization_external_id, p_slug);
  perform pg_advisory_xact_lock(hashtextextended('membership:' || v_pair, 0));
  return true;
end;
$$;

revoke execute on function clerk_sync.lock_pair(text, text, text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock_pair(text, text, text, text) is
  'Locks the user, the organization and the membership of a pair, and returns whether stubs are to be merged. Where both are '
  'known by snapshots of their own they are shared; else they are held alone, with the slug that the stub claims. A user '
  'whose id is null is left out.';

create function clerk_sync.merge_stubs(
  p_user clerk_sync.user_state,
  p_organization clerk_sync.organization_state
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_user.external_id is not null and (clerk_sync.merge_user(p_user)).has_appeared then
    perform clerk_sync.project_members_of_user(p_user.external_id);
  end if;
  perform clerk_sync.merge_organization(p_organization);
end;
$$;

revoke execute on function clerk_sync.merge_stubs(clerk_sync.user_state, clerk_sync.organization_state)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_stubs(clerk_sync.user_state, clerk_sync.organization_state) is
  'Rule 5. Merges what a membership says of its user and its organization, below any snapshot of them. A user whose id is '
  'null is left out. The caller holds the locks of both.';
