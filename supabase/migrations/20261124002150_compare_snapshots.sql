-- What a drift check and a sync ask of subscription items and invitations: what differs from Clerk, and what is open here.

create function public.sync_compare_snapshots(
  p_kind text,
  p_snapshots jsonb
)
returns setof public.sync_difference
language plpgsql
stable
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  perform clerk_sync.page_size(p_snapshots);

  return query
  select d.*
  from jsonb_array_elements(p_snapshots) e
  cross join lateral clerk_sync.told_snapshot(e) told
  left join clerk_sync.snapshot_register known on known.external_id = told ->> 'external_id'
  cross join lateral clerk_sync.stored_snapshot(p_kind, told ->> 'external_id') stored
  cross join lateral clerk_sync.difference(
    told ->> 'external_id',
    false,
    stored is not null,
    known.version,
    (told ->> 'updated_at')::timestamptz,
    array(
      select key
      from jsonb_each(told)
      where key <> 'updated_at'
        -- What an erasure has emptied is no difference.
        and not (key = 'email' and stored ->> key = '')
        and case
          when key ~ '_(at|start|end)$'
          then (stored ->> key)::timestamptz is distinct from (value #>> '{}')::timestamptz
          else stored -> key is distinct from value
        end
      order by key
    )
  ) d
  where d.kind is not null;
end;
$$;

revoke execute on function public.sync_compare_snapshots(text, jsonb)
  from public, anon, authenticated;
grant execute on function public.sync_compare_snapshots(text, jsonb)
  to service_role;

comment on function public.sync_compare_snapshots(text, jsonb) is
  'Which objects of a page, as sync_record_snapshots takes it, differ from what is stored, and how; those in sync are left out. '
  'Writes nothing. Raises 22023 for what is no page, 20000 for another kind. For service_role only.';

create function public.sync_list_snapshots(
  p_kind text,
  p_after text default null,
  p_limit integer default 1000,
  p_user_external_id text default null,
  p_organization_external_id text default null
)
returns table (
  external_id text,
  user_external_id text,
  organization_external_id text
)
language plpgsql
stable
security definer -- like every RPC of the sync; the tables themselves are open to service_role
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan -- with or without a user or an organization: other plans
as $$
begin
  return query
  select open.*
  from (
    select s.external_id::text, s.user_external_id::text, s.organization_external_id::text
    from public.subscriptions s
    where p_kind = 'subscription'
      and s.status not in ('ended', 'expired', 'abandoned')
    union all
    select i.external_id::text, i.user_external_id::text, i.organization_external_id::text
    from public.organization_invitations i
    where p_kind = 'invitation'
      and i.status = 'pending'
  ) open
  where open.external_id > coalesce(p_after, '')
    and (p_user_external_id is null or open.user_external_id = p_user_external_id)
    and (p_organization_external_id is null or open.organization_external_id = p_organization_external_id)
  order by open.external_id
  limit clerk_sync.list_limit(p_limit);
end;
$$;

revoke execute on function public.sync_list_snapshots(text, text, integer, text, text)
  from public, anon, authenticated;
grant execute on function public.sync_list_snapshots(text, text, integer, text, text)
  to service_role;

comment on function public.sync_list_snapshots(text, text, integer, text, text) is
  'Clerk ids of subscription items that have not ended, or of pending invitations, in order, those after p_after; at most 1000; '
  'of one user, of one organization, or all. For service_role only.';
