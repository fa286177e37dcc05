-- Rules 1 to 3 for memberships: every generation is a register of its own.

create function clerk_sync.merge_membership(
  p_external_id text,
  p_organization_external_id text,
  p_user_external_id text,
  p_version clerk_sync.version,
  p_clerk_role text,
  p_joined_at timestamptz,
  p_deleted_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform clerk_sync.lock('membership', p_organization_external_id || ':' || p_user_external_id);

  insert into clerk_sync.membership_register as known (
    external_id, organization_external_id, user_external_id, is_generation_zero, joined_at, version, clerk_role,
    deleted_at
  )
  values (
    p_external_id, p_organization_external_id, p_user_external_id,
    coalesce(p_external_id = clerk_sync.generation_zero(p_organization_external_id, p_user_external_id), false),
    p_joined_at, p_version, p_clerk_role, p_deleted_at
  )
  on conflict (external_id) do update
  set user_external_id = coalesce(known.user_external_id, excluded.user_external_id),
      joined_at = least(known.joined_at, excluded.joined_at),
      version = greatest(known.version, excluded.version),
      clerk_role = case when known.version < excluded.version then excluded.clerk_role else known.clerk_role end,
      deleted_at = least(known.deleted_at, excluded.deleted_at)
  where known.version < excluded.version
    or known.user_external_id is null and excluded.user_external_id is not null
    or least(known.joined_at, excluded.joined_at) is distinct from known.joined_at
    or least(known.deleted_at, excluded.deleted_at) is distinct from known.deleted_at;

  if not found then
    return false;
  end if;

  perform clerk_sync.project_member(p_organization_external_id, p_user_external_id);
  return true;
end;
$$;

revoke execute on function clerk_sync.merge_membership(
  text, text, text, clerk_sync.version, text, timestamptz, timestamptz
)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_membership(
  text, text, text, clerk_sync.version, text, timestamptz, timestamptz
) is
  'Merges one state of one generation, and projects its pair: true when anything was new. Within a generation the '
  'role goes by version and a deletion is terminal. The caller holds the locks of the organization and the user.';
