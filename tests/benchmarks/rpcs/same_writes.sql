-- For each RPC that has something to reach the same writes without any rule: a function with its parameters and settings that
-- writes the rows which the RPC writes of an object that is there, one after the other. It takes no lock, reads nothing but
-- the rows' own keys, and decides nothing. The row that colleagues see is written by the trigger on users, as for the RPC.

create schema same_writes;

do $$
declare
  v_name text;
  v_statements text;
  v_definition text;
  v_body text;
begin
  for v_name, v_statements in
    values
      ('upsert_user', $statements$
        update clerk_sync.user_register
        set version = row(3, p_updated_at, p_event_at, p_event_id)::clerk_sync.version
        where external_id = p_external_id;

        update public.users
        set email = p_email,
            full_name = p_full_name,
            avatar_url = p_avatar_url,
            username = p_username,
            banned = p_banned,
            deprovisioned = p_deprovisioned,
            public_metadata = p_public_metadata,
            created_at = p_created_at,
            updated_at = p_updated_at,
            deleted_at = null
        where external_id = p_external_id;

        insert into clerk_sync.events (
          event_id, event_type, event_at, object_id, user_external_id, outcome, apply_us, effect
        )
        values (p_event_id, p_event_type, p_event_at, p_external_id, p_external_id, 'applied', 1000, 'changed');
      $statements$),
      ('upsert_org_with_owner', $statements$
        update clerk_sync.organization_register
        set version = row(3, p_updated_at, p_event_at, p_event_id)::clerk_sync.version,
            creator_version = row(3, p_updated_at, p_event_at, p_event_id)::clerk_sync.version
        where external_id = p_external_id;

        update public.organizations
        set name = p_name,
            logo_url = p_logo_url,
            public_metadata = p_public_metadata,
            created_at = p_created_at,
            updated_at = p_updated_at,
            deleted_at = null
        where external_id = p_external_id;

        insert into clerk_sync.events (
          event_id, event_type, event_at, object_id, user_external_id, organization_external_id, outcome, apply_us, effect
        )
        values (
          p_event_id, p_event_type, p_event_at, p_external_id, p_created_by, p_external_id, 'applied', 1000, 'changed'
        );
      $statements$),
      ('set_membership', $statements$
        update clerk_sync.membership_register
        set version = row(3, p_updated_at, p_event_at, p_event_id)::clerk_sync.version,
            clerk_role = p_role
        where external_id = p_external_id;

        update public.organization_members
        set external_id = p_external_id,
            clerk_role = p_role,
            role = 'admin',
            status = 'active',
            joined_at = p_created_at,
            updated_at = p_updated_at
        where organization_id = (select id from public.organizations where external_id = p_organization_external_id)
          and user_id = (select id from public.users where external_id = p_user_external_id);

        insert into clerk_sync.events (
          event_id, event_type, event_at, object_id, user_external_id, organization_external_id, outcome, apply_us, effect
        )
        values (
          p_event_id, p_event_type, p_event_at, p_external_id, p_user_external_id, p_organization_external_id, 'applied',
          1000, 'changed'
        );
      $statements$)
  loop
    select pg_get_functiondef(oid), prosrc
    into strict v_definition, v_body
    from pg_proc
    where pronamespace = 'public'::regnamespace
      and proname = v_name;
    execute replace(
      replace(v_definition, v_body, format(E'\nbegin\n%s\n  return ''applied'';\nend;\n', v_statements)),
      'public.' || v_name,
      'same_writes.' || v_name
    );
  end loop;
end;
$$;
