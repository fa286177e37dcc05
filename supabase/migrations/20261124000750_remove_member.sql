-- Access ends whatever the app hangs on the row: a foreign key without cascade, a constraint or a trigger that keeps it.

create function clerk_sync.remove_member(
  p_organization_id uuid,
  p_user_id uuid,
  out error_code text,
  out error text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_refusal clerk_sync.refusal;
begin
  begin
    delete from public.organization_members
    where organization_id = p_organization_id
      and user_id = p_user_id;
    -- What is deferred to the commit would fail there, and everything with it.
    set constraints all immediate;
    if found then
      return;
    end if;
  exception
    -- What a constraint or a trigger may raise; not what a later try may win, and not a server that is going down.
    when integrity_constraint_violation or data_exception or plpgsql_error or syntax_error_or_access_rule_violation
      or cardinality_violation or triggered_action_exception or triggered_data_change_violation or feature_not_supported
    then
      get stacked diagnostics
        error_code = returned_sqlstate,
        v_refusal.schema_name = schema_name,
        v_refusal.table_name = table_name,
        v_refusal.column_name = column_name,
        v_refusal.constraint_name = constraint_name,
        v_refusal.context = pg_exception_context;
      -- The innermost function, unless it is this one.
      error := 'the row stays, inactive: ' || coalesce(
        clerk_sync.refusing_object(v_refusal),
        'function ' || nullif((clerk_sync.functions_in(v_refusal.context))[1], 'clerk_sync.remove_member'),
        'a trigger'
      );
  end;

  update public.organization_members
  set status = 'inactive'
  where organization_id = p_organization_id
    and user_id = p_user_id
    and status <> 'inactive';
  -- A trigger may keep a row without a word.
  if found and error is null then
    error := 'the row stays, inactive: a trigger';
  end if;
end;
$$;

revoke execute on function clerk_sync.remove_member(uuid, uuid)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.remove_member(uuid, uuid) is
  'Deletes the row of a member, or where something of the app''s keeps it, makes it inactive. Returns nulls, or why the row is '
  'still there: the SQLSTATE, and the name of the constraint, column or function. The caller holds the locks of the '
  'organization, the user and the membership.';
