-- Rule 1 for users: the newest version wins, whatever came first. The rules are written for sets: a page of a backfill
-- is a set, and an event is a set of one.

create type clerk_sync.user_state as (
  external_id text,
  version clerk_sync.version,
  email text,
  full_name text,
  avatar_url text,
  username text,
  banned boolean,
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
comment on column clerk_sync.user_state.public_metadata is 'Public metadata; null: not told.';
comment on column clerk_sync.user_state.created_at is 'When the account was created; null: not told.';
comment on column clerk_sync.user_state.event_at is 'When this was the state.';

create function clerk_sync.merge_users(
  p_states clerk_sync.user_state[],
  out newer text[],
  out appeared text[]
)
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- xmax is 0 in a row that was inserted, and not in one that was updated.
  with newer_states as (
    insert into clerk_sync.user_register as known (external_id, version)
    select external_id, version
    from unnest(p_states)
    on conflict (external_id) do update
    set version = excluded.version
    where known.version < excluded.version
    returning known.external_id, known.deleted_at, known.erased_at is null as is_kept
  ),
  written as (
    insert into public.users as u (
      external_id, email, full_name, avatar_url, username, banned, public_metadata, created_at, updated_at, deleted_at
    )
    select
      external_id,
      case when is_kept then coalesce(s.email, '') else '' end,
      case when is_kept then s.full_name end,
      case when is_kept then s.avatar_url end,
      case when is_kept then s.username end,
      coalesce(s.banned, false),
      case when is_kept then coalesce(s.public_metadata, '{}') else '{}' end,
      coalesce(
        s.created_at,
        (select stored.created_at from public.users stored where stored.external_id = s.external_id),
        s.event_at
      ),
      case when (s.version).rank >= 3 then (s.version).updated_at else s.event_at end,
      n.deleted_at
    from newer_states n
    join unnest(p_states) s using (external_id)
    on conflict (external_id) do update
    set email = excluded.email,
        full_name = excluded.full_name,
        avatar_url = excluded.avatar_url,
        username = excluded.username,
        banned = excluded.banned,
        public_metadata = excluded.public_metadata,
        created_at = excluded.created_at,
        updated_at = excluded.updated_at,
        deleted_at = excluded.deleted_at
    returning u.external_id, u.xmax = 0 as is_new_row
  )
  select array_agg(external_id), array_agg(external_id) filter (where is_new_row)
  into newer, appeared
  from written;
end;
$$;

revoke execute on function clerk_sync.merge_users(clerk_sync.user_state[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_users(clerk_sync.user_state[]) is
  'Merges one state of each of some users. newer: the ids of those whose state is newer than what was stored; '
  'appeared: those among them who had no row, whose memberships the caller projects; null where there is none. A '
  'deleted user stays deleted and an erased one erased, whatever is merged. Without created_at the time that is stored stays. Raises 21000 when '
  'a user is named twice. The caller holds the users'' locks.';
