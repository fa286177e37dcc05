-- Rule 3: leaving and rejoining makes a new generation of a membership. Which one a call speaks of, and whose it is.

create function clerk_sync.generation_zero(
  p_organization_external_id text,
  p_user_external_id text
)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_organization_external_id || ':' || p_user_external_id;
end;
$$;

revoke execute on function clerk_sync.generation_zero(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.generation_zero(text, text) is
  'The id of a pair''s generation zero: the membership that has no orgmem_ id, because the organization''s creation '
  'or a call by hand vouches for it.';

create function clerk_sync.generation_user(
  p_external_id text,
  p_organization_external_id text,
  p_user_external_id text
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_organization_external_id text;
  v_user_external_id text;
begin
  if p_external_id is null and p_user_external_id is null then
    raise exception 'a membership needs its id or its user'
      using errcode = 'invalid_parameter_value',
            detail = 'p_external_id and p_user_external_id are both null',
            schema = 'clerk_sync',
            hint = 'Name the membership by p_external_id (orgmem_…), or the user by p_user_external_id.';
  end if;

  select organization_external_id, user_external_id
  into v_organization_external_id, v_user_external_id
  from clerk_sync.membership_register
  where external_id = p_external_id;

  if found and (
    v_organization_external_id is distinct from p_organization_external_id
    or coalesce(v_user_external_id, p_user_external_id)
      is distinct from coalesce(p_user_external_id, v_user_external_id)
  ) then
    raise exception 'the membership is another one'
      using errcode = 'invalid_parameter_value',
            detail = 'p_external_id is known as a membership of another organization or user',
            schema = 'clerk_sync',
            hint = 'Clerk gives every membership an id of its own: check all three ids.';
  end if;

  return coalesce(p_user_external_id, v_user_external_id);
end;
$$;

revoke execute on function clerk_sync.generation_user(text, text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.generation_user(text, text, text) is
  'The user of a generation: the one given, else the one that is known of its orgmem_ id, for Clerk may leave the '
  'user''s data out. Null when nobody is known yet. Raises 22023 when neither id is given, or when the membership is '
  'known as one of another organization or user. The caller holds the generation''s lock.';

create function clerk_sync.current_generation(
  p_external_id text,
  p_organization_external_id text,
  p_user_external_id text
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    p_external_id,
    (clerk_sync.newest_membership(p_organization_external_id, p_user_external_id)).external_id,
    clerk_sync.generation_zero(p_organization_external_id, p_user_external_id)
  );
end;
$$;

revoke execute on function clerk_sync.current_generation(text, text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.current_generation(text, text, text) is
  'The generation that a call speaks of: the one it names, else the newest of the pair, else generation zero. The caller '
  'holds the membership''s lock.';
