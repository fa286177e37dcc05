-- Access ends whatever the app hangs on the row: a foreign key without cascade, a constraint or a trigger that keeps it.

create function clerk_sync.remove_member(
  p_organization_id uuid,
  p_user_id uuid,
  out error_code text,
  out error text
)
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_schema text;
  v_table text;
  v_column text;
  v_constraint text;
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
        v_schema = schema_name,
        v_table = table_name,
        v_column = column_name,
        v_constraint = constraint_name;
      error := 'the row stays, inactive: ' || case
        when v_constraint <> '' then format('constraint %s of %s.%s', v_constraint, v_schema, v_table)
        when v_column <> '' then format('column %s of %s.%s', v_column, v_schema, v_table)
        else 'a trigger'
      end;
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
  'still there: the SQLSTATE, and the constraint by name. The caller holds the locks of the organization, the user and the '
  'membership.';
