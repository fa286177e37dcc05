-- For each RPC that has something to reach the least function that does its work: with the same parameters, it takes the
-- same locks, reads what the rules decide by, and writes the same rows, all in one statement, and decides nothing. Only
-- changes of what is there are written so.

create schema least;

do $$
declare
  v_name text;
  v_statement text;
  v_definition text;
  v_body text;
begin
  for v_name, v_statement in
    values
      ('upsert_user', $statement$
        with
          read as materialized (
            select
              (select outcome from clerk_sync.events where event_id = p_event_id) as outcome,
              pg_advisory_xact_lock(hashtextextended('event:' || p_event_id, 0)),
              pg_advisory_xact_lock_shared(hashtextextended('everything:', 0)),
              pg_advisory_xact_lock(hashtextextended('user:' || p_external_id, 0))
          ),
          register as (
            update clerk_sync.user_register
            set version = row(3, p_updated_at, p_event_at, p_event_id)::clerk_sync.version
            where external_id = p_external_id
          ),
          own as (
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
            where external_id = p_external_id
          )
        insert into clerk_sync.events (event_id, event_type, event_at, object_id, user_external_id, outcome)
        select p_event_id, p_event_type, p_event_at, p_external_id, p_external_id, 'applied'
        from read
        where outcome is null;
      $statement$),
      ('upsert_org_with_owner', $statement$
        with
          read as materialized (
            select
              (select outcome from clerk_sync.events where event_id = p_event_id) as outcome,
              (
                select row(version, creator_version, claimed_slug, deleted_at)
                from clerk_sync.organization_register
                where external_id = p_external_id
              ) as known,
              pg_advisory_xact_lock(hashtextextended('event:' || p_event_id, 0)),
              pg_advisory_xact_lock_shared(hashtextextended('everything:', 0)),
              pg_advisory_xact_lock(hashtextextended('organization:' || p_external_id, 0)),
              pg_advisory_xact_lock(hashtextextended('slug:' || p_slug, 0))
          ),
          register as (
            update clerk_sync.organization_register
            set version = row(3, p_updated_at, p_event_at, p_event_id)::clerk_sync.version,
                creator_version = row(3, p_updated_at, p_event_at, p_event_id)::clerk_sync.version
            where external_id = p_external_id
          ),
          own as (
            update public.organizations
            set name = p_name,
                logo_url = p_logo_url,
                public_metadata = p_public_metadata,
                created_at = p_created_at,
                updated_at = p_updated_at,
                deleted_at = null
            where external_id = p_external_id
          )
        insert into clerk_sync.events (
          event_id, event_type, event_at, object_id, user_external_id, organization_external_id, outcome
        )
        select p_event_id, p_event_type, p_event_at, p_external_id, p_created_by, p_external_id, 'applied'
        from read
        where outcome is null
          and known is distinct from null;
      $statement$),
      ('set_membership', $statement$
        with
          read as materialized (
            select
              (select outcome from clerk_sync.events where event_id = p_event_id) as outcome,
              (select user_external_id from clerk_sync.membership_register where external_id = p_external_id) as generation,
              (
                select external_id
                from clerk_sync.membership_register
                where organization_external_id = p_organization_external_id
                  and user_external_id = p_user_external_id
                order by is_generation_zero, joined_at desc nulls last, external_id desc
                limit 1
              ) as newest,
              (
                select (version).rank
                from clerk_sync.user_register
                where external_id = p_user_external_id
              ) as user_rank,
              (
                select (version).rank
                from clerk_sync.organization_register
                where external_id = p_organization_external_id
              ) as organization_rank,
              pg_advisory_xact_lock(hashtextextended('event:' || p_event_id, 0)),
              pg_advisory_xact_lock_shared(hashtextextended('everything:', 0)),
              pg_advisory_xact_lock(hashtextextended('generation:' || p_external_id, 0)),
              pg_advisory_xact_lock_shared(hashtextextended('user:' || p_user_external_id, 0)),
              pg_advisory_xact_lock_shared(hashtextextended('organization:' || p_organization_external_id, 0)),
              pg_advisory_xact_lock(hashtextextended('membership:' || p_external_id, 0))
          ),
          register as (
            update clerk_sync.membership_register
            set version = row(3, p_updated_at, p_event_at, p_event_id)::clerk_sync.version,
                clerk_role = p_role
            where external_id = p_external_id
          ),
          own as (
            update public.organization_members
            set external_id = p_external_id,
                clerk_role = p_role,
                role = 'admin',
                status = 'active',
                joined_at = p_created_at,
                updated_at = p_updated_at
            where organization_id = (select id from public.organizations where external_id = p_organization_external_id)
              and user_id = (select id from public.users where external_id = p_user_external_id)
          )
        insert into clerk_sync.events (
          event_id, event_type, event_at, object_id, user_external_id, organization_external_id, outcome
        )
        select p_event_id, p_event_type, p_event_at, p_external_id, p_user_external_id, p_organization_external_id, 'applied'
        from read
        where outcome is null
          and generation is not null
          and newest is not null
          and user_rank >= 3
          and organization_rank >= 3;
      $statement$)
  loop
    select pg_get_functiondef(oid), prosrc
    into strict v_definition, v_body
    from pg_proc
    where pronamespace = 'public'::regnamespace
      and proname = v_name;
    execute replace(
      replace(v_definition, v_body, format(E'\nbegin\n%s\n  return ''applied'';\nend;\n', v_statement)),
      'public.' || v_name,
      'least.' || v_name
    );
  end loop;
end;
$$;
