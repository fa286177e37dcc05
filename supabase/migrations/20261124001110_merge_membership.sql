-- Rules 1 to 3 for memberships: every generation is a register of its own.

create type clerk_sync.membership_state as (
  external_id text,
  organization_external_id text,
  user_external_id text,
  version clerk_sync.version,
  clerk_role text,
  joined_at timestamptz,
  deleted_at timestamptz
);

comment on type clerk_sync.membership_state is
  'What one source says of one generation of a membership: its role as of a version, or that it was removed.';

comment on column clerk_sync.membership_state.external_id is 'Clerk membership id, or that of generation zero.';
comment on column clerk_sync.membership_state.organization_external_id is 'Clerk organization id.';
comment on column clerk_sync.membership_state.user_external_id is 'Clerk user id; null: not known yet.';
comment on column clerk_sync.membership_state.version is 'Orders this state among all that were told of the generation.';
comment on column clerk_sync.membership_state.clerk_role is 'Clerk''s role key as sent.';
comment on column clerk_sync.membership_state.joined_at is 'Clerk''s created_at of the membership; null: not told.';
comment on column clerk_sync.membership_state.deleted_at is 'When it was removed; null: it was not.';

create function clerk_sync.merge_membership(
  p_state clerk_sync.membership_state
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update clerk_sync.membership_register
  set user_external_id = coalesce(user_external_id, p_state.user_external_id),
      joined_at = least(joined_at, p_state.joined_at),
      version = greatest(version, p_state.version),
      clerk_role = case when version < p_state.version then p_state.clerk_role else clerk_role end,
      deleted_at = least(deleted_at, p_state.deleted_at)
  where external_id = p_state.external_id
    and (
      version < p_state.version
      or user_external_id is null and p_state.user_external_id is not null
      or least(joined_at, p_state.joined_at) is distinct from joined_at
      or least(deleted_at, p_state.deleted_at) is distinct from deleted_at
    );
  if found then
    return true;
  end if;

  insert into clerk_sync.membership_register (
    external_id, organization_external_id, user_external_id, is_generation_zero, joined_at, version, clerk_role, deleted_at
  )
  values (
    p_state.external_id,
    p_state.organization_external_id,
    p_state.user_external_id,
    coalesce(
      p_state.external_id = clerk_sync.generation_zero(p_state.organization_external_id, p_state.user_external_id), false
    ),
    p_state.joined_at,
    p_state.version,
    p_state.clerk_role,
    p_state.deleted_at
  )
  on conflict (external_id) do nothing;
  return found;
end;
$$;

revoke execute on function clerk_sync.merge_membership(clerk_sync.membership_state)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_membership(clerk_sync.membership_state) is
  'Merges one state of a generation, and returns whether anything of it was new: then the caller projects the pair. Within a '
  'generation the role goes by version and a deletion is terminal. The caller holds the locks of the organization, the user '
  'and the membership.';
