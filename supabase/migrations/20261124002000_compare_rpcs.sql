-- Comparison of a page of Clerk's objects with what is stored: what a drift check asks, and a sync before it writes.
-- Nothing is written. The elements of a page are those of the bulk RPCs.

create type public.sync_difference as (
  external_id text,
  kind text,
  fields text[],
  updated_at timestamptz
);

comment on type public.sync_difference is 'How what is stored of one object differs from what Clerk says of it.';
comment on column public.sync_difference.external_id is 'Clerk id of the object.';
comment on column public.sync_difference.kind is
  'missing: not here. stale: an older state is here. different: other values of the same age. role: a membership whose '
  'role alone differs. newer: what is here differs and claims to be newer than what was given. deleted: deleted here, '
  'which is final.';
comment on column public.sync_difference.fields is 'Columns whose values differ.';
comment on column public.sync_difference.updated_at is
  'Clerk''s updated_at of what is stored; null where no snapshot is.';

create function clerk_sync.difference(
  p_external_id text,
  p_is_deleted boolean,
  p_is_here boolean,
  p_stored clerk_sync.version,
  p_updated_at timestamptz,
  p_fields text[]
)
returns public.sync_difference
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select row(
    p_external_id,
    case
      when p_is_deleted then 'deleted'
      when not p_is_here then 'missing'
      when p_stored is null or (p_stored).rank < 3 or (p_stored).updated_at < p_updated_at then 'stale'
      when p_fields = '{}' then null
      when (p_stored).updated_at > p_updated_at then 'newer'
      when p_fields <@ array['role', 'clerk_role'] then 'role'
      else 'different'
    end,
    case when p_is_here then p_fields else '{}' end,
    case when (p_stored).rank >= 3 then (p_stored).updated_at end
  )::public.sync_difference;
$$;

revoke execute on function clerk_sync.difference(text, boolean, boolean, clerk_sync.version, timestamptz, text[])
  from public, anon, authenticated, service_role;

comment on function clerk_sync.difference(text, boolean, boolean, clerk_sync.version, timestamptz, text[]) is
  'What a comparison found, from the version that is stored, the updated_at that Clerk tells and the columns that '
  'differ. Its kind is null when nothing is to be said.';

create function public.sync_compare_users(
  p_users jsonb
)
returns setof public.sync_difference
language plpgsql
stable
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  perform clerk_sync.page_size(p_users);

  return query
  select d.*
  from jsonb_to_recordset(p_users) as element (
    p_external_id text,
    p_email text,
    p_full_name text,
    p_avatar_url text,
    p_username text,
    p_banned boolean,
    p_deprovisioned boolean,
    p_public_metadata jsonb,
    p_created_at timestamptz,
    p_updated_at timestamptz
  )
  left join clerk_sync.user_register known on known.external_id = p_external_id
  left join public.users u on u.external_id = p_external_id
  cross join lateral clerk_sync.difference(
    p_external_id,
    known.deleted_at is not null,
    u.id is not null,
    known.version,
    p_updated_at,
    array_remove(
      array[
        case when u.email <> coalesce(p_email, '') then 'email' end,
        case when u.full_name is distinct from p_full_name then 'full_name' end,
        case when u.avatar_url is distinct from p_avatar_url then 'avatar_url' end,
        case when u.username is distinct from p_username then 'username' end,
        case when u.banned <> coalesce(p_banned, false) then 'banned' end,
        case when u.deprovisioned <> coalesce(p_deprovisioned, false) then 'deprovisioned' end,
        case
          when u.public_metadata <> coalesce(p_public_metadata, '{}')
            and clerk_sync.is_rounded(p_public_metadata, u.public_metadata) is not true
          then 'public_metadata'
        end,
        case when u.created_at <> p_created_at then 'created_at' end,
        case when u.deleted_at is not null then 'deleted_at' end
      ],
      null
    )
  ) d
  where d.kind is not null;
end;
$$;

revoke execute on function public.sync_compare_users(jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_compare_users(jsonb)
  to service_role;

comment on function public.sync_compare_users(jsonb) is
  'Which users of a page, as sync_upsert_users takes it, differ from what is stored, and how; those in sync are left out. '
  'Numbers in public metadata that are the stored ones as doubles are no difference. Writes nothing. Raises 22023 for what '
  'is no page. For service_role only.';

create function public.sync_compare_orgs(
  p_organizations jsonb
)
returns setof public.sync_difference
language plpgsql
stable
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  perform clerk_sync.page_size(p_organizations);

  return query
  select d.*
  from jsonb_to_recordset(p_organizations) as element (
    p_external_id text,
    p_name text,
    p_slug text,
    p_logo_url text,
    p_created_by text,
    p_public_metadata jsonb,
    p_created_at timestamptz,
    p_updated_at timestamptz
  )
  left join clerk_sync.organization_register known on known.external_id = p_external_id
  left join public.organizations o on o.external_id = p_external_id
  cross join lateral clerk_sync.difference(
    p_external_id,
    known.deleted_at is not null,
    o.id is not null,
    known.version,
    p_updated_at,
    array_remove(
      array[
        case when o.name <> p_name then 'name' end,
        -- A wrong claim that a newer one hides is a difference too: it gets the slug when that one goes.
        case when (o.slug, known.claimed_slug) is distinct from (nullif(p_slug, ''), nullif(p_slug, '')) then 'slug' end,
        case when o.logo_url is distinct from p_logo_url then 'logo_url' end,
        case when o.created_by is distinct from coalesce(nullif(p_created_by, ''), o.created_by) then 'created_by' end,
        case
          when o.public_metadata <> coalesce(p_public_metadata, '{}')
            and clerk_sync.is_rounded(p_public_metadata, o.public_metadata) is not true
          then 'public_metadata'
        end,
        case when o.created_at <> p_created_at then 'created_at' end,
        case when o.deleted_at is not null then 'deleted_at' end
      ],
      null
    )
  ) d
  where d.kind is not null;
end;
$$;

revoke execute on function public.sync_compare_orgs(jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_compare_orgs(jsonb)
  to service_role;

comment on function public.sync_compare_orgs(jsonb) is
  'Which organizations of a page, as sync_upsert_orgs takes it, differ from what is stored, and how; those in sync are left '
  'out. plan and timezone are the app''s own and not compared; an element without p_created_by leaves that out. slug '
  'differs also where the organization only claims another one, which a newer claim hides for now. '
  'Numbers in public metadata that are the stored ones as doubles are no difference. Writes nothing. Raises 22023 for what '
  'is no page. For service_role only.';

create function public.sync_compare_memberships(
  p_memberships jsonb
)
returns setof public.sync_difference
language plpgsql
stable
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  perform clerk_sync.page_size(p_memberships);

  return query
  select d.*
  from jsonb_to_recordset(p_memberships) as element (
    p_organization_external_id text,
    p_user_external_id text,
    p_role text,
    p_external_id text,
    p_created_at timestamptz,
    p_updated_at timestamptz
  )
  cross join lateral clerk_sync.generation_user(
    p_external_id, p_organization_external_id, p_user_external_id
  ) pair (user_external_id)
  cross join lateral clerk_sync.newest_membership(p_organization_external_id, pair.user_external_id) newest
  left join clerk_sync.membership_register known on known.external_id = p_external_id
  left join public.organizations o on o.external_id = p_organization_external_id
  left join public.users u on u.external_id = pair.user_external_id
  left join public.organization_members m on m.organization_id = o.id and m.user_id = u.id
  cross join lateral clerk_sync.difference(
    p_external_id,
    known.deleted_at is not null,
    m.id is not null,
    -- A generation that is not here yet is newer than the one that is.
    case when newest.external_id = p_external_id then newest.version end,
    p_updated_at,
    array_remove(
      array[
        case when m.role <> clerk_sync.member_role(p_role, o.created_by = u.external_id) then 'role' end,
        case when m.clerk_role is distinct from p_role then 'clerk_role' end,
        case when m.external_id is distinct from p_external_id then 'external_id' end,
        case when m.joined_at <> p_created_at then 'joined_at' end,
        case when (m.status = 'active') <> (o.deleted_at is null and u.deleted_at is null) then 'status' end
      ],
      null
    )
  ) d
  where d.kind is not null;
end;
$$;

revoke execute on function public.sync_compare_memberships(jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_compare_memberships(jsonb)
  to service_role;

comment on function public.sync_compare_memberships(jsonb) is
  'Which memberships of a page, as sync_set_memberships takes it with p_external_id, differ from what is stored, and how; '
  'those in sync are left out. Writes nothing. Raises 22023 for what is no page, or as set_membership does. For '
  'service_role only.';
