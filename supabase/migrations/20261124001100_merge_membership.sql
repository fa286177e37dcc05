-- Rules 3 and 5 for memberships: a register for each generation, and the parents that every event brings along.

create function clerk_sync.generation_zero(
  p_organization_external_id text,
  p_user_external_id text
)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select p_organization_external_id || ':' || p_user_external_id;
$$;

revoke execute on function clerk_sync.generation_zero(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.generation_zero(text, text) is
  'The id of a pair''s generation zero: the membership that has no orgmem_ id, because the organization''s creation '
  'or a call by hand vouches for it.';

create function clerk_sync.lock_generation(
  p_external_id text,
  p_organization_external_id text,
  p_user_external_id text
)
returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_known clerk_sync.membership_register;
begin
  if p_external_id is null and p_user_external_id is null then
    raise exception 'a membership needs its id or its user'
      using errcode = 'invalid_parameter_value',
            detail = 'p_external_id and p_user_external_id are both null',
            hint = 'Name the membership by p_external_id (orgmem_…), or the user by p_user_external_id.';
  end if;

  perform clerk_sync.lock('generation', p_external_id);

  select *
  into v_known
  from clerk_sync.membership_register
  where external_id = p_external_id;

  if found and (
    v_known.organization_external_id is distinct from p_organization_external_id
    or coalesce(v_known.user_external_id, p_user_external_id)
      is distinct from coalesce(p_user_external_id, v_known.user_external_id)
  ) then
    raise exception 'the membership is another one'
      using errcode = 'invalid_parameter_value',
            detail = 'p_external_id is known as a membership of another organization or user',
            hint = 'Clerk gives every membership an id of its own: check all three ids.';
  end if;

  return coalesce(p_user_external_id, v_known.user_external_id);
end;
$$;

revoke execute on function clerk_sync.lock_generation(text, text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock_generation(text, text, text) is
  'Locks a generation and returns its user: the one given, else the one that is known of its orgmem_ id, for Clerk may '
  'leave the user''s data out. Null when nobody is known yet. Raises 22023 when neither id is given, or when the '
  'membership is known as one of another organization or user.';

create function clerk_sync.resolve_generation(
  p_external_id text,
  p_organization_external_id text,
  p_user_external_id text
)
returns text
language plpgsql
volatile
set search_path = ''
as $$
begin
  if p_external_id is not null then
    return p_external_id;
  end if;

  perform clerk_sync.lock('membership', p_organization_external_id || ':' || p_user_external_id);

  return coalesce(
    (clerk_sync.newest_membership(p_organization_external_id, p_user_external_id)).external_id,
    clerk_sync.generation_zero(p_organization_external_id, p_user_external_id)
  );
end;
$$;

revoke execute on function clerk_sync.resolve_generation(text, text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.resolve_generation(text, text, text) is
  'The generation that a call speaks of: the one it names, else the newest of the pair, else generation zero. Keeps the '
  'newest from changing while it is spoken of. The caller holds the locks of the organization and the user.';

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
