-- Nothing is begun that can't be finished: all that is in the way of these migrations is told at once, before the first change,
-- each with what to do about it. What is only worth knowing is a notice. Nothing is written, so it may be asked beforehand.

create function pg_temp.preflight()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $preflight$
declare
  c_schema constant text := 'public';
  -- What the sync needs of a table that is there already: what may be missing is added.
  c_columns constant jsonb := '{
    "users": {
      "id": "uuid", "external_id": "text", "email": "text", "full_name": "text?", "avatar_url": "text?", "username": "text?",
      "banned": "boolean?", "deprovisioned": "boolean?", "public_metadata": "jsonb?", "created_at": "time?",
      "updated_at": "time?", "deleted_at": "time?"
    },
    "public_user_data": {
      "id": "uuid", "external_id": "text", "full_name": "text", "avatar_url": "text", "username": "text", "email": "text"
    },
    "organizations": {
      "id": "uuid", "external_id": "text", "name": "text", "slug": "text?", "plan": "text?", "timezone": "text?",
      "logo_url": "text?", "created_by": "text?", "public_metadata": "jsonb?", "created_at": "time?", "updated_at": "time?",
      "deleted_at": "time?"
    },
    "organization_members": {
      "id": "uuid", "organization_id": "uuid", "user_id": "uuid", "role": "text?", "status": "text?", "joined_at": "time?",
      "external_id": "text?", "clerk_role": "text?", "updated_at": "time?"
    },
    "user_sessions": {
      "id": "uuid", "external_id": "text", "user_external_id": "text", "client_id": "text", "actor_external_id": "text",
      "status": "text", "created_at": "time", "last_active_at": "time", "expire_at": "time", "ended_at": "time",
      "updated_at": "time", "device": "text", "browser": "text", "city": "text", "country": "text"
    },
    "subscriptions": {
      "id": "uuid", "external_id": "text", "subscription_external_id": "text", "user_external_id": "text",
      "organization_external_id": "text", "plan": "text", "plan_name": "text", "status": "text", "interval": "text",
      "is_free_trial": "boolean", "seats": "integer", "period_start": "time", "period_end": "time", "created_at": "time",
      "updated_at": "time"
    },
    "organization_invitations": {
      "id": "uuid", "external_id": "text", "organization_external_id": "text", "email": "text", "role": "text",
      "clerk_role": "text", "status": "text", "inviter_external_id": "text", "user_external_id": "text", "expires_at": "time",
      "created_at": "time", "updated_at": "time"
    }
  }';
  -- Columns that must have a value, and one to give them.
  c_values constant jsonb := '{
    "users": {
      "email": "''''", "banned": "false", "deprovisioned": "false", "public_metadata": "''{}''", "created_at": "now()",
      "updated_at": "now()"
    },
    "organizations": {
      "name": "external_id", "public_metadata": "''{}''", "created_at": "now()", "updated_at": "now()"
    },
    "organization_members": {
      "role": "''member''", "status": "''active''", "joined_at": "now()", "updated_at": "now()"
    }
  }';
  -- Columns that Clerk need not have a value for.
  c_nullable constant jsonb := '{
    "users": ["full_name", "avatar_url", "username", "deleted_at"],
    "public_user_data": ["full_name", "avatar_url", "username"],
    "organizations": ["slug", "logo_url", "created_by", "deleted_at"],
    "organization_members": ["external_id", "clerk_role"],
    "user_sessions": [
      "client_id", "actor_external_id", "last_active_at", "expire_at", "ended_at", "device", "browser", "city", "country"
    ],
    "subscriptions": [
      "subscription_external_id", "user_external_id", "organization_external_id", "plan", "plan_name", "interval", "seats",
      "period_start", "period_end"
    ],
    "organization_invitations": ["inviter_external_id", "user_external_id", "expires_at"]
  }';
  c_functions constant text[] := '{
    upsert_user, delete_user, upsert_org_with_owner, delete_org, set_membership, remove_membership, record_session,
    record_event, sync_retry_event, sync_apply_events, sync_close_event, sync_upsert_users, sync_upsert_orgs, sync_set_memberships,
    sync_bound_instance, sync_bind_instance, sync_save_run, sync_last_run, sync_compare_users, sync_compare_orgs,
    sync_compare_memberships, sync_list_users, sync_list_orgs, sync_list_memberships, my_user_id, my_user,
    my_organization_ids, my_organizations, my_colleague_ids, is_member_of, is_admin_of, is_owner_of,
    active_organization_id, has_feature, has_plan, has_role, has_permission, sync_status, sync_list_events,
    sync_open_causes, sync_event_series, sync_row_counts, sync_metrics,
    sync_describe_keeping_keys, sync_purge_events, sync_schedule_purge, sync_erase_user, sync_erase_on_delete,
    sync_applied_migrations, sync_describe_rpcs, sync_describe_tables, sync_is_purge_scheduled, sync_version, my_plan,
    record_snapshots, sync_record_snapshots, sync_compare_snapshots, sync_list_snapshots,
    sync_plan_follows_billing, sync_enable_change_queue, sync_disable_change_queue, sync_enable_realtime
  }';
  -- Indexes of the sync's tables, which have a name in the schema of their own.
  c_indexes constant text[] := '{
    users_pkey, users_external_id_is_unique, public_user_data_pkey, organizations_pkey, organizations_external_id_is_unique,
    organizations_slug_is_unique, organization_members_pkey, organization_members_pair_is_unique,
    organization_members_user_id, user_sessions_pkey, user_sessions_external_id_is_unique, user_sessions_user_external_id,
    subscriptions_pkey, subscriptions_external_id_is_unique, subscriptions_user_external_id,
    subscriptions_organization_external_id, organization_invitations_pkey, organization_invitations_external_id_is_unique,
    organization_invitations_organization, organization_invitations_email, organization_invitations_user
  }';
  v_obstacles text[] := '{}';
  v_notices text[] := '{}';
  v_found text[];
  v_views text[];
  v_table text;
  v_name text;
  v_parent text;
  v_column text;
  v_count bigint;
  v_row record;
begin
  if to_regnamespace('clerk_sync') is not null then
    v_obstacles := v_obstacles || 'A schema clerk_sync is there. It is the name of the sync''s own: is it installed already, or '
      'left of an earlier try? Look what is in it, then: drop schema clerk_sync cascade;'::text;
  end if;

  -- Where the sync is installed, they are its own.
  select array_agg(format('%s: alter function %1$s rename to app_%s;', p.oid::regprocedure, p.proname) order by p.proname)
  into v_found
  from pg_proc p
  where p.pronamespace = to_regnamespace(c_schema)
    and p.proname = any (c_functions)
    and to_regnamespace('clerk_sync') is null;
  if v_found is not null then
    v_obstacles := v_obstacles || format(
      'Functions have names that the sync''s have. Rename them: %s', array_to_string(v_found, ' ')
    );
  end if;

  select array_agg(format('alter type %I.%I rename to app_%s;', c_schema, t.typname, t.typname))
  into v_found
  from pg_type t
  where t.typnamespace = to_regnamespace(c_schema)
    and t.typname in ('sync_outcome', 'sync_difference')
    and to_regnamespace('clerk_sync') is null;
  if v_found is not null then
    v_obstacles := v_obstacles || format(
      'Types have names that the sync''s have. Rename them: %s', array_to_string(v_found, ' ')
    );
  end if;

  select array_agg(
    format(
      'alter %s %I.%I rename to app_%3$s;', case c.relkind when 'i' then 'index' else 'table' end, c_schema, c.relname
    )
    order by c.relname
  )
  into v_found
  from pg_class c
  left join pg_index i on i.indexrelid = c.oid
  left join pg_class t on t.oid = i.indrelid
  where c.relnamespace = to_regnamespace(c_schema)
    and c.relname = any (c_indexes)
    and (t.oid is null or not c_columns ? t.relname::text);
  if v_found is not null then
    v_obstacles := v_obstacles || format(
      'Things of yours have names that indexes of the sync''s have. Rename them: %s', array_to_string(v_found, ' ')
    );
  end if;

  for v_table in select jsonb_object_keys(c_columns) loop
    v_name := format('%I.%I', c_schema, v_table);
    continue when to_regclass(v_name) is null;

    -- Is it ours at all?
    select array_agg(what order by place)
    into v_found
    from (
      select 0 as place, 'is a view or another thing that is no table' as what
      from pg_class
      where oid = to_regclass(v_name)
        and relkind <> 'r'
      union all
      select
        1,
        case
          when a.attname is null then format('has no %s', needed.key)
          else format('%s is %s', needed.key, format_type(a.atttypid, a.atttypmod))
        end
      from jsonb_each_text(c_columns -> v_table) needed
      left join pg_attribute a
        on a.attrelid = to_regclass(v_name) and a.attname = needed.key and a.attnum > 0 and not a.attisdropped
      where case trim(needed.value, '?')
        when 'uuid' then a.atttypid is distinct from 'uuid'::regtype
        when 'text' then a.atttypid is null or a.atttypid not in ('text'::regtype, 'varchar'::regtype)
        when 'boolean' then a.atttypid is distinct from 'boolean'::regtype
        when 'integer' then a.atttypid is distinct from 'integer'::regtype
        when 'jsonb' then a.atttypid is distinct from 'jsonb'::regtype
        else a.atttypid is null or a.atttypid not in ('timestamp'::regtype, 'timestamptz'::regtype)
      end
        and not (needed.value like '%?' and a.attname is null)
    ) other;
    if v_found is not null then
      v_obstacles := v_obstacles || format(
        '%s is something else than the sync''s table: it %s. Keep it, and rename it before: alter table %1$s rename to '
        'app_%3$s;%4$s',
        v_name, array_to_string(v_found, ', '), v_table,
        (
          select string_agg(format(' alter index %I.%I rename to app_%2$s;', c_schema, c.relname), '' order by c.relname)
          from pg_index i
          join pg_class c on c.oid = i.indexrelid
          where i.indrelid = to_regclass(v_name)
            and c.relname = any (c_indexes)
        )
      );
      continue;
    end if;

    if not pg_has_role(current_user, (select relowner from pg_class where oid = to_regclass(v_name)), 'usage') then
      v_obstacles := v_obstacles || format(
        '%s belongs to %s, so that %s may not change it: alter table %1$s owner to %3$s;', v_name,
        (select relowner::regrole from pg_class where oid = to_regclass(v_name)), current_user
      );
      continue;
    end if;

    -- Values.
    if c_columns -> v_table ? 'external_id' and v_table <> 'organization_members' then
      execute format('select count(*) from %s where external_id is null or external_id = ''''', v_name) into v_count;
      if v_count > 0 then
        v_obstacles := v_obstacles || format(
          '%s of %s have no external_id, which is the id in Clerk. Give them theirs, or delete them: '
          'select * from %2$s where coalesce(external_id, '''') = '''';',
          v_count || case when v_count = 1 then ' row' else ' rows' end, v_name
        );
      end if;
      execute format(
        'select count(*) from (select from %s where external_id <> '''' group by external_id having count(*) > 1) twice', v_name
      )
      into v_count;
      if v_count > 0 then
        v_obstacles := v_obstacles || format(
          '%s in %s belong to several rows each. Keep one of each: select external_id, array_agg(id) from %2$s group by 1 '
          'having count(*) > 1;',
          v_count || case when v_count = 1 then ' external_id' else ' values of external_id' end, v_name
        );
      end if;
    end if;
    for v_row in
      select needed.key, needed.value
      from jsonb_each_text(c_values -> v_table) needed
      join pg_attribute a on a.attrelid = to_regclass(v_name) and a.attname = needed.key and not a.attisdropped
      order by a.attnum
    loop
      execute format('select count(*) from %s where %I is null', v_name, v_row.key) into v_count;
      if v_count > 0 then
        v_obstacles := v_obstacles || format(
          '%s of %s without %s: update %2$s set %3$I = %s where %3$I is null;',
          v_count || case when v_count = 1 then ' row' else ' rows' end, v_name, v_row.key, v_row.value
        );
      end if;
    end loop;

    select array_agg(format('alter table %s drop constraint %I;', v_name, o.conname))
    into v_found
    from pg_constraint o
    join pg_attribute a on a.attrelid = o.conrelid and a.attname = 'id'
    where o.conrelid = to_regclass(v_name)
      and o.contype = 'p'
      and o.conkey <> array[a.attnum];
    if v_found is not null then
      v_obstacles := v_obstacles || format(
        'The primary key of %s is not id, which the sync makes it. What it is now stays unique, where the sync''s tables have '
        'that: %s',
        v_name, array_to_string(v_found, ' ')
      );
    end if;
    execute format('select count(*) from (select from %s group by id having count(*) > 1 or id is null) twice', v_name)
    into v_count;
    if v_count > 0 then
      v_obstacles := v_obstacles || format(
        '%s id in %s belong to several rows each, or are null: select id, count(*) from %2$s group by 1 having count(*) > 1 or '
        'id is null;',
        v_count, v_name
      );
    end if;

    -- New rows.
    select array_agg(format('alter table %s alter column %I drop not null;', v_name, a.attname) order by a.attnum)
    into v_found
    from pg_attribute a
    where a.attrelid = to_regclass(v_name)
      and not a.attisdropped
      and a.attnotnull
      and c_nullable -> v_table ? a.attname::text;
    if v_found is not null then
      v_obstacles := v_obstacles || format(
        'Columns of %s must have a value, and Clerk need not have one: %s', v_name, array_to_string(v_found, ' ')
      );
    end if;
    select array_agg(
      format(
        'alter table %s alter column %I drop %s;', v_name, a.attname,
        case a.attidentity when '' then 'expression' else 'identity' end
      )
      order by a.attnum
    )
    into v_found
    from pg_attribute a
    where a.attrelid = to_regclass(v_name)
      and not a.attisdropped
      and (a.attgenerated <> '' or a.attidentity <> '')
      and c_columns -> v_table ? a.attname::text;
    if v_found is not null then
      v_obstacles := v_obstacles || format(
        'Columns of %s are computed, and the sync writes them: %s', v_name, array_to_string(v_found, ' ')
      );
    end if;
    select array_agg(format('alter table %s drop constraint %I;', v_name, o.conname) order by o.conname)
    into v_found
    from pg_constraint o
    where o.conrelid = to_regclass(v_name)
      and o.contype = 'f'
      and not coalesce(
        o.confrelid = any (
          array[
            to_regclass(format('%I.users', c_schema)), to_regclass(format('%I.public_user_data', c_schema)),
            to_regclass(format('%I.organizations', c_schema))
          ]
        ),
        false
      )
      and exists (
        select
        from pg_attribute a
        where a.attrelid = o.conrelid
          and a.attnum = any (o.conkey)
          and c_columns -> v_table ? a.attname::text
      );
    if v_found is not null then
      v_obstacles := v_obstacles || format(
        'Foreign keys of %s ask for rows elsewhere before the sync may add one: %s', v_name, array_to_string(v_found, ' ')
      );
    end if;
    select array_agg(format('alter table %s alter column %I drop not null;', v_name, a.attname) order by a.attnum)
    into v_found
    from pg_attribute a
    where a.attrelid = to_regclass(v_name)
      and a.attnum > 0
      and not a.attisdropped
      and a.attnotnull
      and not a.atthasdef
      and a.attidentity = ''
      and not c_columns -> v_table ? a.attname::text;
    if v_found is not null then
      v_obstacles := v_obstacles || format(
        'Columns of yours in %s must have a value and have no default, so that the sync could add no row. Give them one, or: %s',
        v_name, array_to_string(v_found, ' ')
      );
    end if;

    -- What holds a column of a type that changes; of views, those that others read last.
    with recursive reading as (
      select w.ev_class as view, 1 as depth
      from pg_attribute a
      join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum
      join pg_rewrite w on d.classid = 'pg_rewrite'::regclass and w.oid = d.objid and w.ev_class <> a.attrelid
      where a.attrelid = to_regclass(v_name)
        and a.atttypid = 'timestamp'::regtype
        and c_columns -> v_table ? a.attname::text
      union
      select w.ev_class, r.depth + 1
      from reading r
      join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = r.view
      join pg_rewrite w on d.classid = 'pg_rewrite'::regclass and w.oid = d.objid and w.ev_class <> r.view
    )
    select array_agg(
      format(
        '%s reads it: drop %s %1$s; and create it again afterwards, from pg_get_viewdef(''%1$s'').', v.oid::regclass,
        case v.relkind when 'm' then 'materialized view' else 'view' end
      )
      order by depth desc, v.oid
    )
    into v_views
    from (select view, max(depth) as depth from reading group by view) deepest
    join pg_class v on v.oid = deepest.view;
    select array_agg(distinct held.what order by held.what)
    into v_found
    from pg_attribute a
    join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum
    cross join lateral (
      select format('drop function %s; and create it again afterwards.', d.objid::regprocedure) as what
      where d.classid = 'pg_proc'::regclass
      union all
      -- What an index computes of a time with a time zone must not depend on the session's.
      select format(
        'drop index %s; and create it again afterwards, from the column at time zone ''UTC''.', i.indexrelid::regclass
      )
      from pg_index i
      where d.classid = 'pg_class'::regclass
        and i.indexrelid = d.objid
        and regexp_replace(
          concat(pg_get_expr(i.indexprs, i.indrelid), ' ', pg_get_expr(i.indpred, i.indrelid)),
          '\m' || a.attname || '\M IS (NOT )?NULL', '', 'g'
        ) ~ ('\m' || a.attname || '\M')
      union all
      select format('drop trigger %I on %s; and create it again afterwards.', g.tgname, v_name)
      from pg_trigger g
      where d.classid = 'pg_trigger'::regclass
        and g.oid = d.objid
      union all
      select format('drop policy %I on %s; and create it again afterwards.', y.polname, y.polrelid::regclass)
      from pg_policy y
      where d.classid = 'pg_policy'::regclass
        and y.oid = d.objid
      union all
      select format('alter table %s drop column %I; which is computed from it, and add it again afterwards.', v_name, c.attname)
      from pg_attrdef f
      join pg_attribute c on c.attrelid = f.adrelid and c.attnum = f.adnum and c.attgenerated <> ''
      where d.classid = 'pg_attrdef'::regclass
        and f.oid = d.objid
        and c.attnum <> a.attnum
    ) held
    where a.attrelid = to_regclass(v_name)
      and a.atttypid = 'timestamp'::regtype
      and c_columns -> v_table ? a.attname::text;
    v_found := v_views || v_found;
    if v_found is not null then
      v_obstacles := v_obstacles || format(
        'Columns of %s that are timestamp become timestamptz, which these do not let: %s', v_name, array_to_string(v_found, ' ')
      );
    end if;

    if v_table = 'users' then
      select array_agg(
        case
          when o.conname is not null then format('alter table %s drop constraint %I;', v_name, o.conname)
          else format('drop index %s;', i.indexrelid::regclass)
        end
      )
      into v_found
      from pg_index i
      join pg_attribute a on a.attrelid = i.indrelid and a.attname = 'email'
      left join pg_constraint o on o.conindid = i.indexrelid and o.contype in ('u', 'p')
      where i.indrelid = to_regclass(v_name)
        and i.indisunique
        and i.indnkeyatts = 1
        and i.indpred is null
        and (i.indkey[0] = a.attnum or pg_get_indexdef(i.indexrelid) ~ '\mlower\(.*email')
      ;
      if v_found is not null then
        v_obstacles := v_obstacles || format(
          'An email address is unique in %s. Accounts without one have '''', and an address may move from one account to another: '
          '%s An index that is unique where email <> '''' is what it may be.',
          v_name, array_to_string(v_found, ' ')
        );
      end if;
    elsif v_table = 'organizations' and exists (
      select
      from pg_attribute
      where attrelid = to_regclass(v_name)
        and attname = 'slug'
    ) then
      execute format(
        'select count(*) from (select from %s where slug is not null group by slug having count(*) > 1) twice', v_name
      )
      into v_count;
      if v_count > 0 then
        v_obstacles := v_obstacles || format(
          '%s in %s belong to several rows each, and are unique: select slug, array_agg(id) from %2$s group by 1 '
          'having count(*) > 1;',
          v_count || case when v_count = 1 then ' slug' else ' slugs' end, v_name
        );
      end if;
      execute format('select count(*) from %s where slug = ''''', v_name) into v_count;
      if v_count > 0 then
        v_obstacles := v_obstacles || format(
          '%s of %s have an empty slug; none is null: update %2$s set slug = null where slug = '''';',
          v_count || case when v_count = 1 then ' row' else ' rows' end, v_name
        );
      end if;
    elsif v_table = 'organization_members' then
      execute format('select count(*) from %s where organization_id is null or user_id is null', v_name) into v_count;
      if v_count > 0 then
        v_obstacles := v_obstacles || format(
          '%s of %s name no organization or no user, so that they give access to nothing: delete from %2$s '
          'where organization_id is null or user_id is null;',
          v_count || case when v_count = 1 then ' row' else ' rows' end, v_name
        );
      end if;
      execute format(
        'select count(*) from (select from %s where organization_id is not null and user_id is not null '
        'group by organization_id, user_id having count(*) > 1) twice',
        v_name
      )
      into v_count;
      if v_count > 0 then
        v_obstacles := v_obstacles || format(
          '%s of %s have several rows each. Keep one of each: select organization_id, user_id, array_agg(id) from %2$s '
          'group by 1, 2 having count(*) > 1;',
          v_count || case when v_count = 1 then ' membership' else ' memberships' end, v_name
        );
      end if;
      foreach v_parent in array '{organizations,users}'::text[] loop
        v_column := case v_parent when 'users' then 'user_id' else 'organization_id' end;
        execute format(
          case
            when to_regclass(format('%I.%I', c_schema, v_parent)) is null then 'select count(*) from %s where %I is not null'
            else 'select count(*) from %s m where %I is not null and not exists '
              '(select from %I.%I where id::text = m.%2$I::text)'
          end,
          v_name, v_column, c_schema, v_parent
        )
        into v_count;
        if v_count > 0 then
          v_obstacles := v_obstacles || format(
            '%s of %s have a %s that %I.%I does not know: select * from %2$s m where not exists '
            '(select from %4$I.%5$I where id = m.%3$I);',
            v_count || case when v_count = 1 then ' row' else ' rows' end, v_name, v_column, c_schema, v_parent
          );
        end if;
      end loop;
      if exists (
        select
        from pg_attribute
        where attrelid = to_regclass(v_name)
          and attname = 'status'
      ) then
        execute format(
          'select count(*), array_agg(distinct status) from %s where status not in (''active'', ''inactive'')', v_name
        )
        into v_count, v_found;
        if v_count > 0 then
          v_obstacles := v_obstacles || format(
            '%s of %s have a status that Clerk does not have (%s): active and inactive are known. Keep yours in a column of your '
            'own: alter table %2$s add app_status varchar; update %2$s set app_status = status, status = ''inactive'' where '
            'status not in (''active'', ''inactive'');',
            v_count || case when v_count = 1 then ' row' else ' rows' end, v_name, array_to_string(v_found, ', ')
          );
        end if;
      end if;
    end if;
  end loop;

  -- What is only worth knowing, of the tables that are taken over.
  for v_table, v_name in
    select key, format('%I.%I', c_schema, key)
    from jsonb_object_keys(c_columns) key
    where to_regclass(format('%I.%I', c_schema, key)) is not null
  loop
    execute format('select count(*) from %s', v_name) into v_count;
    v_notices := v_notices || format(
      '%s is taken over as it is, with %s rows: what Clerk says of one replaces it.', v_name, v_count
    );

    select array_agg(
      format('alter function %s set search_path = %I, extensions;', p.oid::regprocedure, p.pronamespace::regnamespace)
      order by g.tgname
    )
    into v_found
    from pg_trigger g
    join pg_proc p on p.oid = g.tgfoid
    join pg_language l on l.oid = p.prolang
    where g.tgrelid = to_regclass(v_name)
      and not g.tgisinternal
      and l.lanname in ('plpgsql', 'sql')
      and not coalesce(array_to_string(p.proconfig, ',') like '%search_path=%', false);
    if v_found is not null then
      v_notices := v_notices || format(
        'Triggers of yours on %s run functions that have no search_path of their own: with the sync''s, names that are not '
        'qualified are not found, and an event is refused. %s',
        v_name, array_to_string(v_found, ' ')
      );
    end if;

    select array_agg(format('%I', y.polname) order by y.polname)
    into v_found
    from pg_policy y
    where y.polrelid = to_regclass(v_name);
    if v_found is not null then
      v_notices := v_notices || format(
        'Policies of yours on %s stay, and open what they say (auth.uid() fails for Clerk''s ids): %s.', v_name,
        array_to_string(v_found, ', ')
      );
    end if;

    if exists (
      select
      from pg_class c
      cross join lateral aclexplode(c.relacl) g
      where c.oid = to_regclass(v_name)
        and g.grantee in (to_regrole('anon'), to_regrole('authenticated'), to_regrole('service_role'))
    ) then
      v_notices := v_notices || format(
        '%s becomes closed: what anon, authenticated and service_role may do with it now is revoked, and given anew by a list.',
        v_name
      );
    end if;

    select array_agg(format('%I', a.attname) order by a.attnum)
    into v_found
    from pg_attribute a
    where a.attrelid = to_regclass(v_name)
      and v_table in ('organizations', 'organization_members')
      and a.attnum > 0
      and not a.attisdropped
      and not c_columns -> v_table ? a.attname::text;
    if v_found is not null then
      v_notices := v_notices || format(
        'Columns of yours in %s are read by every member of the organization. What is not theirs to read belongs in a table of '
        'its own: %s.',
        v_name, array_to_string(v_found, ', ')
      );
    end if;

    select array_agg(format('%I', a.attname) order by a.attnum)
    into v_found
    from pg_attribute a
    where a.attrelid = to_regclass(v_name)
      and not a.attisdropped
      and a.atttypid = 'varchar'::regtype
      and a.atttypmod <> -1
      and c_columns -> v_table ? a.attname::text;
    if v_found is not null then
      v_notices := v_notices || format(
        'Columns of %s have a length, which Clerk''s values may exceed: the event is refused then. %s.', v_name,
        array_to_string(v_found, ', ')
      );
    end if;

    select array_agg(format('%I', o.conname) order by o.conname)
    into v_found
    from pg_constraint o
    where o.conrelid = to_regclass(v_name)
      and o.contype = 'c'
      and o.conname !~ '_(is_not_empty|status_is_known)$'
      and exists (
        select
        from pg_attribute a
        where a.attrelid = o.conrelid
          and a.attnum = any (o.conkey)
          and c_columns -> v_table ? a.attname::text
          and a.attname not in ('plan', 'timezone')
      );
    if v_found is not null then
      v_notices := v_notices || format(
        'Checks of yours on columns of %s that the sync writes refuse the events whose values they don''t let (an account '
        'may have no address and no name, and roles are Clerk''s): %s.',
        v_name, array_to_string(v_found, ', ')
      );
    end if;
    select array_agg(format('%s', i.indexrelid::regclass) order by i.indexrelid::regclass::text)
    into v_found
    from pg_index i
    where i.indrelid = to_regclass(v_name)
      and i.indisunique
      and i.indexprs is null
      and not exists (
        select
        from pg_attribute a
        where a.attrelid = i.indrelid
          and a.attnum = any (i.indkey)
          and (
            not c_columns -> v_table ? a.attname::text
            or a.attname in ('id', 'external_id', 'email', 'slug', 'user_id')
          )
      );
    if v_found is not null then
      v_notices := v_notices || format(
        'Values that are unique in %s need not be so in Clerk, and the second one''s event is refused: %s.', v_name,
        array_to_string(v_found, ', ')
      );
    end if;
  end loop;

  select array_agg(format('%s of %s', f.conname, f.conrelid::regclass) order by f.conname)
  into v_found
  from pg_constraint f
  where f.confrelid = to_regclass(format('%I.organization_members', c_schema))
    and f.contype = 'f'
    and f.confdeltype not in ('c', 'n', 'd');
  if v_found is not null then
    v_notices := v_notices || format(
      'Foreign keys keep a member''s row when the member leaves; it is then inactive, and gives no access: %s.',
      array_to_string(v_found, ', ')
    );
  end if;

  foreach v_name in array v_notices loop
    raise notice '%', v_name;
  end loop;

  if v_obstacles <> '{}' then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = format(
        E'The sync can''t be added yet, and nothing was changed. %s in the way:\n\n%s\n\nThen run the same again.',
        case cardinality(v_obstacles) when 1 then 'One thing is' else cardinality(v_obstacles) || ' things are' end,
        (
          select string_agg(format('%s. %s', place, what), E'\n\n' order by place)
          from unnest(v_obstacles) with ordinality told (what, place)
        )
      );
  end if;
end;
$preflight$;

select pg_temp.preflight();
