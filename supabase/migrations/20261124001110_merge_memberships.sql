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

create function clerk_sync.merge_memberships(
  p_states clerk_sync.membership_state[]
)
returns text[]
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_newer clerk_sync.membership_state[];
begin
  with newer as (
    insert into clerk_sync.membership_register as known (
      external_id, organization_external_id, user_external_id, is_generation_zero, joined_at, version, clerk_role,
      deleted_at
    )
    select
      external_id,
      organization_external_id,
      user_external_id,
      coalesce(external_id = clerk_sync.generation_zero(organization_external_id, user_external_id), false),
      joined_at,
      version,
      clerk_role,
      deleted_at
    from unnest(p_states)
    on conflict (external_id) do update
    set user_external_id = coalesce(known.user_external_id, excluded.user_external_id),
        joined_at = least(known.joined_at, excluded.joined_at),
        version = greatest(known.version, excluded.version),
        clerk_role = case when known.version < excluded.version then excluded.clerk_role else known.clerk_role end,
        deleted_at = least(known.deleted_at, excluded.deleted_at)
    where known.version < excluded.version
      or known.user_external_id is null and excluded.user_external_id is not null
      or least(known.joined_at, excluded.joined_at) is distinct from known.joined_at
      or least(known.deleted_at, excluded.deleted_at) is distinct from known.deleted_at
    returning known.external_id
  )
  select array_agg(s)
  into v_newer
  from newer
  join unnest(p_states) s using (external_id);

  if v_newer is not null then
    perform clerk_sync.project_members(
      array(
        select row(organization_external_id, user_external_id)::clerk_sync.member_pair
        from unnest(v_newer)
      )
    );
  end if;

  return array(select external_id from unnest(v_newer));
end;
$$;

revoke execute on function clerk_sync.merge_memberships(clerk_sync.membership_state[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_memberships(clerk_sync.membership_state[]) is
  'Merges one state of each of some generations, projects their pairs, and returns the ids of those of which anything '
  'was new. Within a generation the role goes by version and a deletion is terminal. Raises 21000 when a generation is '
  'named twice. The caller holds the locks of the organizations, the users and the memberships.';
