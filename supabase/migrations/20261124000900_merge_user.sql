-- Rule 1 for users: the newest version wins, whatever came first.

create function clerk_sync.merge_user(
  p_external_id text,
  p_version clerk_sync.version,
  p_email text,
  p_full_name text,
  p_avatar_url text,
  p_username text,
  p_banned boolean,
  p_public_metadata jsonb,
  p_created_at timestamptz,
  p_event_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_deleted_at timestamptz;
  v_is_new_row boolean;
begin
  insert into clerk_sync.user_register as known (external_id, version)
  values (p_external_id, p_version)
  on conflict (external_id) do update
  set version = excluded.version
  where known.version < excluded.version
  returning known.deleted_at into v_deleted_at;

  if not found then
    return false;
  end if;

  -- xmax is 0 in a row that was inserted, and not in one that was updated.
  insert into public.users as u (
    external_id, email, full_name, avatar_url, username, banned, public_metadata, created_at, updated_at, deleted_at
  )
  values (
    p_external_id, coalesce(p_email, ''), p_full_name, p_avatar_url, p_username, coalesce(p_banned, false),
    coalesce(p_public_metadata, '{}'), coalesce(p_created_at, p_event_at),
    case when (p_version).rank >= 3 then (p_version).updated_at else p_event_at end, v_deleted_at
  )
  on conflict (external_id) do update
  set email = excluded.email,
      full_name = excluded.full_name,
      avatar_url = excluded.avatar_url,
      username = excluded.username,
      banned = excluded.banned,
      public_metadata = excluded.public_metadata,
      created_at = coalesce(p_created_at, u.created_at),
      updated_at = excluded.updated_at
  returning u.xmax = 0 into v_is_new_row;

  if v_is_new_row then
    perform clerk_sync.project_members_of_user(p_external_id);
  end if;
  return true;
end;
$$;

revoke execute on function clerk_sync.merge_user(
  text, clerk_sync.version, text, text, text, text, boolean, jsonb, timestamptz, timestamptz
)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_user(
  text, clerk_sync.version, text, text, text, text, boolean, jsonb, timestamptz, timestamptz
) is
  'Merges one state of a user, a snapshot or a stub: true when it is newer than what is stored. A deleted user stays '
  'deleted, whatever is merged. Without p_created_at the time that is stored stays. The caller holds the user''s '
  'lock.';
