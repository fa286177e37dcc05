-- Rule 1 for users: the newest version wins, whatever came first. The rules are written for one object, which one statement
-- each reads and writes by its key; a page of a backfill is one object after another.

create type clerk_sync.user_state as (
  external_id text,
  version clerk_sync.version,
  email text,
  full_name text,
  avatar_url text,
  username text,
  banned boolean,
  deprovisioned boolean,
  public_metadata jsonb,
  created_at timestamptz,
  event_at timestamptz
);

comment on type clerk_sync.user_state is
  'What one source says of one user: a snapshot, or a stub carried by a membership. event_at: when that was true.';

comment on column clerk_sync.user_state.external_id is 'Clerk user id.';
comment on column clerk_sync.user_state.version is 'Orders this state among all that were told of the user.';
comment on column clerk_sync.user_state.email is 'The primary email address; null or empty: none.';
comment on column clerk_sync.user_state.full_name is 'First and last name.';
comment on column clerk_sync.user_state.avatar_url is 'Clerk''s image_url.';
comment on column clerk_sync.user_state.username is 'Username.';
comment on column clerk_sync.user_state.banned is 'Whether banned; null: not told.';
comment on column clerk_sync.user_state.deprovisioned is 'Whether deprovisioned; null: not told.';
comment on column clerk_sync.user_state.public_metadata is 'Public metadata; null: not told.';
comment on column clerk_sync.user_state.created_at is 'When the account was created; null: not told.';
comment on column clerk_sync.user_state.event_at is 'When this was the state.';

create function clerk_sync.merge_user(
  p_state clerk_sync.user_state,
  out is_newer boolean,
  out has_appeared boolean
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_updated_at constant timestamptz :=
    case when (p_state.version).rank >= 3 then (p_state.version).updated_at else p_state.event_at end;
  v_deleted_at timestamptz;
  v_is_erased boolean;
begin
  has_appeared := false;

  update clerk_sync.user_register
  set version = p_state.version
  where external_id = p_state.external_id
    and version < p_state.version
  returning deleted_at, erased_at is not null
  into v_deleted_at, v_is_erased;
  is_newer := found;
  if not is_newer then
    insert into clerk_sync.user_register (external_id, version)
    values (p_state.external_id, p_state.version)
    on conflict (external_id) do nothing;
    is_newer := found;
  end if;

  -- Also of a state that is not the newest: it was so once. Stubs don't count, for not every one is merged.
  if (p_state.version).rank >= 3 and (p_state.banned or p_state.deprovisioned) then
    perform clerk_sync.bar_user(p_state.external_id, v_updated_at);
  end if;

  if not is_newer then
    if exists (
      select
      from public.users
      where external_id = p_state.external_id
    ) then
      return;
    end if;
    -- The row is gone, whatever the register says: what comes next is the newest of what is here.
    update clerk_sync.user_register
    set version = p_state.version
    where external_id = p_state.external_id
    returning deleted_at, erased_at is not null
    into v_deleted_at, v_is_erased;
    is_newer := true;
  end if;

  if v_is_erased then
    p_state.email := null;
    p_state.full_name := null;
    p_state.avatar_url := null;
    p_state.username := null;
    p_state.public_metadata := null;
  end if;

  update public.users
  set email = coalesce(p_state.email, ''),
      full_name = p_state.full_name,
      avatar_url = p_state.avatar_url,
      username = p_state.username,
      banned = coalesce(p_state.banned, false),
      deprovisioned = coalesce(p_state.deprovisioned, false),
      public_metadata = case
        when (p_state.version).event_id = '' and clerk_sync.is_rounded(p_state.public_metadata, public_metadata)
        then public_metadata
        else coalesce(p_state.public_metadata, '{}')
      end,
      created_at = coalesce(p_state.created_at, created_at),
      updated_at = v_updated_at,
      deleted_at = v_deleted_at
  where external_id = p_state.external_id;
  has_appeared := not found;
  if not has_appeared then
    return;
  end if;

  insert into public.users (
    external_id, email, full_name, avatar_url, username, banned, deprovisioned, public_metadata, created_at, updated_at,
    deleted_at
  )
  values (
    p_state.external_id,
    coalesce(p_state.email, ''),
    p_state.full_name,
    p_state.avatar_url,
    p_state.username,
    coalesce(p_state.banned, false),
    coalesce(p_state.deprovisioned, false),
    coalesce(p_state.public_metadata, '{}'),
    coalesce(p_state.created_at, p_state.event_at),
    v_updated_at,
    v_deleted_at
  );
end;
$$;

revoke execute on function clerk_sync.merge_user(clerk_sync.user_state)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_user(clerk_sync.user_state) is
  'Merges one state of a user. is_newer: it is newer than what was stored, or nothing was; has_appeared: there was no row '
  'before, and the caller projects the user''s memberships. A deleted user stays deleted and an erased one erased, whatever '
  'is merged; who is banned or deprovisioned is signed out. Without created_at the time that is stored stays; so do the '
  'digits of public metadata that a call by hand tells as doubles. The caller holds the user''s lock.';
