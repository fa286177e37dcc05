-- How a snapshot of each kind becomes its row. A further kind needs its table, a function like the two that write here, and a
-- line in the two that follow; its RPCs are there.

create function clerk_sync.write_subscription(
  p_row jsonb
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row record;
begin
  select *
  into v_row
  from jsonb_to_record(p_row) as row (
    external_id text, subscription_external_id text, user_external_id text, organization_external_id text, plan text,
    plan_name text, status text, "interval" text, is_free_trial boolean, seats integer, period_start timestamptz,
    period_end timestamptz, created_at timestamptz, updated_at timestamptz
  );

  update public.subscriptions
  set subscription_external_id = v_row.subscription_external_id,
      user_external_id = v_row.user_external_id,
      organization_external_id = v_row.organization_external_id,
      plan = v_row.plan,
      plan_name = v_row.plan_name,
      status = v_row.status,
      "interval" = v_row."interval",
      is_free_trial = coalesce(v_row.is_free_trial, false),
      seats = v_row.seats,
      period_start = v_row.period_start,
      period_end = v_row.period_end,
      created_at = v_row.created_at,
      updated_at = v_row.updated_at
  where external_id = v_row.external_id;

  if not found then
    insert into public.subscriptions (
      external_id, subscription_external_id, user_external_id, organization_external_id, plan, plan_name, status, "interval",
      is_free_trial, seats, period_start, period_end, created_at, updated_at
    )
    values (
      v_row.external_id, v_row.subscription_external_id, v_row.user_external_id, v_row.organization_external_id, v_row.plan,
      v_row.plan_name, v_row.status, v_row."interval", coalesce(v_row.is_free_trial, false), v_row.seats, v_row.period_start,
      v_row.period_end, v_row.created_at, v_row.updated_at
    );
  end if;
end;
$$;

revoke execute on function clerk_sync.write_subscription(jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.write_subscription(jsonb) is
  'Writes a row of public.subscriptions, given by its columns.';

create function clerk_sync.write_invitation(
  p_row jsonb
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row record;
  v_is_erased boolean;
begin
  select *
  into v_row
  from jsonb_to_record(p_row) as row (
    external_id text, organization_external_id text, email text, clerk_role text, status text, inviter_external_id text,
    user_external_id text, expires_at timestamptz, created_at timestamptz, updated_at timestamptz
  );

  v_is_erased := exists (
    select
    from clerk_sync.user_register
    where external_id = v_row.user_external_id
      and erased_at is not null
  );

  update public.organization_invitations
  set organization_external_id = v_row.organization_external_id,
      -- What an erasure has emptied stays so.
      email = case when email = '' or v_is_erased then '' else v_row.email end,
      role = clerk_sync.member_role(v_row.clerk_role, false),
      clerk_role = v_row.clerk_role,
      status = v_row.status,
      inviter_external_id = v_row.inviter_external_id,
      user_external_id = v_row.user_external_id,
      expires_at = v_row.expires_at,
      created_at = v_row.created_at,
      updated_at = v_row.updated_at
  where external_id = v_row.external_id;

  if not found then
    insert into public.organization_invitations (
      external_id, organization_external_id, email, role, clerk_role, status, inviter_external_id, user_external_id, expires_at,
      created_at, updated_at
    )
    values (
      v_row.external_id, v_row.organization_external_id, case when v_is_erased then '' else v_row.email end,
      clerk_sync.member_role(v_row.clerk_role, false), v_row.clerk_role, v_row.status, v_row.inviter_external_id,
      v_row.user_external_id, v_row.expires_at, v_row.created_at, v_row.updated_at
    );
  end if;
end;
$$;

revoke execute on function clerk_sync.write_invitation(jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.write_invitation(jsonb) is
  'Writes a row of public.organization_invitations, given by its columns; without the address of who was erased.';

create function clerk_sync.write_snapshot(
  p_kind text,
  p_row jsonb
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  case p_kind
    when 'subscription' then perform clerk_sync.write_subscription(p_row);
    when 'invitation' then perform clerk_sync.write_invitation(p_row);
  end case;
end;
$$;

revoke execute on function clerk_sync.write_snapshot(text, jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.write_snapshot(text, jsonb) is
  'Writes the row of a subscription or an invitation. Raises 20000 for another kind.';

create function clerk_sync.stored_snapshot(
  p_kind text,
  p_external_id text
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  case p_kind
    when 'subscription' then
      return (select to_jsonb(s) from public.subscriptions s where s.external_id = p_external_id);
    when 'invitation' then
      return (select to_jsonb(i) from public.organization_invitations i where i.external_id = p_external_id);
  end case;
end;
$$;

revoke execute on function clerk_sync.stored_snapshot(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.stored_snapshot(text, text) is
  'The row that is here, by column; null: none. Raises 20000 for another kind.';

-- Ids never change, and not every source tells them all: null is what is not told, and the same in any order.
create function clerk_sync.told_snapshot(
  p_element jsonb
)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(substr(key, 3), value)
  from jsonb_each(p_element)
  where key <> 'p_event_at'
    and (value <> 'null' or key !~ '(_id|created_at|updated_at)$');
$$;

revoke execute on function clerk_sync.told_snapshot(jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.told_snapshot(jsonb) is
  'An element of a page, by column: its parameters without p_. Ids that are not told are left out, as are the times of the '
  'object.';

create function clerk_sync.merge_snapshots(
  p_kind text,
  p_page jsonb,
  p_event_at timestamptz,
  p_event_id text
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_element record;
  v_external_id text;
  v_version clerk_sync.version;
  v_stored jsonb;
  v_is_newer boolean;
  v_row jsonb;
  v_applied integer := 0;
begin
  for v_element in
    select clerk_sync.told_snapshot(e) as told, coalesce((e ->> 'p_event_at')::timestamptz, p_event_at) as event_at
    from jsonb_array_elements(p_page) e
    -- In one order, for each waits at the register.
    order by e ->> 'p_external_id' collate "C", (e ->> 'p_updated_at')::timestamptz desc
  loop
    v_external_id := v_element.told ->> 'external_id';
    v_version := row(
      case when p_kind = 'invitation' and v_element.told ->> 'status' <> 'pending' then 4 else 3 end,
      coalesce((v_element.told ->> 'updated_at')::timestamptz, v_element.event_at), v_element.event_at, p_event_id
    );
    v_is_newer := clerk_sync.take_version(v_external_id, v_version);
    v_stored := clerk_sync.stored_snapshot(p_kind, v_external_id);
    if v_stored is null and not v_is_newer then
      -- The row is gone, whatever the register says: what comes next is the newest of what is here.
      update clerk_sync.snapshot_register
      set version = v_version
      where external_id = v_external_id;
      v_is_newer := true;
    end if;

    v_row := case
      when v_is_newer
      then jsonb_build_object('created_at', v_element.event_at) || coalesce(v_stored, '{}')
        || jsonb_build_object('updated_at', v_element.event_at) || v_element.told
      else v_stored || (
        select coalesce(jsonb_object_agg(key, value), '{}')
        from jsonb_each(v_element.told)
        where key ~ '_id$'
          and v_stored -> key = 'null'
      )
    end;
    if v_is_newer or v_row is distinct from v_stored then
      perform clerk_sync.write_snapshot(p_kind, v_row);
      v_applied := v_applied + 1;
    end if;
  end loop;
  return v_applied;
end;
$$;

revoke execute on function clerk_sync.merge_snapshots(text, jsonb, timestamptz, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.merge_snapshots(text, jsonb, timestamptz, text) is
  'Rule 1. Merges snapshots of one kind, and returns of how many anything was new or had no row. Of an object that is named '
  'twice the newest counts. The caller holds the locks of the users that are named, and of the organizations that are or were.';
