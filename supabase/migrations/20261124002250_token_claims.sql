-- What Clerk's session token says, of version 1 or 2, and-ed with what the rows say. Claims are read as Clerk's own decoder reads
-- them, but for those that Clerk does not write: with spaces, empty names, what is asked for twice, not one number for each
-- feature, bits of no permission, another version. They say nothing, where the decoder takes from them what it can.

create function clerk_sync.claim_entries(
  p_claim jsonb,
  p_entry text
)
returns text[]
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  -- No token that fits into a request's header needs longer ones.
  if jsonb_typeof(p_claim) = 'string'
    and octet_length(p_claim #>> '{}') <= 8192
    and p_claim #>> '{}' ~ format('^%s(,%1$s)*$', p_entry)
  then
    return string_to_array(p_claim #>> '{}', ',');
  end if;
  return null;
end;
$$;

revoke execute on function clerk_sync.claim_entries(jsonb, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.claim_entries(jsonb, text) is
  'What a claim has between its commas; null where it is no text, longer than 8,192 bytes, or an entry is not of the form, a '
  'regular expression.';

create function clerk_sync.is_entitled(
  p_claim jsonb,
  p_asked text
)
returns boolean
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims constant jsonb := auth.jwt();
  v_scope constant text := case when p_asked like '%:%' then left(p_asked, 1) end;
  v_name constant text := regexp_replace(p_asked, '^(o|org|organization|u|user):', '');
  -- One letter for each time that the name is there: o, u, uo.
  v_scopes constant text := (
    select string_agg(split_part(entry, ':', 1), '')
    from unnest(clerk_sync.claim_entries(p_claim, '[a-z]+:[^,:[:space:]]+')) entry
    where split_part(entry, ':', 1) in ('o', 'u', 'uo', 'ou')
      and split_part(entry, ':', 2) = v_name
      and v_claims -> 'v' = '2'
  );
begin
  return coalesce(
      v_scope is distinct from 'u'
      and length(replace(v_scopes, 'u', '')) = 1
      and jsonb_typeof(v_claims #> '{o,id}') = 'string'
      and public.active_organization_id() is not null,
      false
    )
    or coalesce(
      v_scope is distinct from 'o'
      and length(replace(v_scopes, 'o', '')) = 1
      and public.my_user_id() is not null,
      false
    );
end;
$$;

revoke execute on function clerk_sync.is_entitled(jsonb, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.is_entitled(jsonb, text) is
  'Whether fea or pla, as o:ai,u:chat,uo:export, have a name for the scope that it is asked with, or for either, and the rows '
  'know whose it is.';

create function public.has_feature(
  p_feature text
)
returns boolean
language plpgsql
stable
security definer -- reads claims by functions that nobody may call, and rows past their policies
set search_path = pg_catalog, pg_temp
as $$
begin
  return clerk_sync.is_entitled(auth.jwt() -> 'fea', p_feature);
end;
$$;

revoke execute on function public.has_feature(text)
  from public, anon, authenticated, service_role;
grant execute on function public.has_feature(text)
  to authenticated;

comment on function public.has_feature(text) is
  'Whether the token has a feature, ai, for the active organization or for the user; for one of them as org:ai or user:ai. For '
  'authenticated.';

create function public.has_plan(
  p_plan text
)
returns boolean
language plpgsql
stable
security definer -- reads claims by functions that nobody may call, and rows past their policies
set search_path = pg_catalog, pg_temp
as $$
begin
  return clerk_sync.is_entitled(auth.jwt() -> 'pla', p_plan);
end;
$$;

revoke execute on function public.has_plan(text)
  from public, anon, authenticated, service_role;
grant execute on function public.has_plan(text)
  to authenticated;

comment on function public.has_plan(text) is
  'Whether the token has a plan, pro, for the active organization or for the user; for one of them as org:pro or user:pro. For '
  'authenticated.';

create function public.has_role(
  p_role text
)
returns boolean
language plpgsql
stable
security definer -- reads claims by functions that nobody may call, and rows past their policies
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims constant jsonb := auth.jwt();
  v_asked constant text := nullif(regexp_replace(p_role, '^(org:)*', ''), '');
  v_organization constant text := case
    when v_claims -> 'v' = '2' and v_claims #> '{o,rol}' = to_jsonb(v_asked)
      then v_claims #>> '{o,id}'
    when not v_claims ?| '{v,o}' and v_claims -> 'org_role' in (to_jsonb(v_asked), to_jsonb('org:' || v_asked))
      then v_claims ->> 'org_id'
  end;
begin
  return exists (
    select
    from public.organizations o
    join public.organization_members m on m.organization_id = o.id
    join public.users u on u.id = m.user_id
    where o.external_id = v_organization
      and o.id = any (array(select public.my_organization_ids()))
      and u.external_id = v_claims ->> 'sub'
      -- The row does not know it while only the organization's creation vouches for the member.
      and coalesce(regexp_replace(m.clerk_role, '^org:', '') = v_asked, true)
  );
end;
$$;

revoke execute on function public.has_role(text)
  from public, anon, authenticated, service_role;
grant execute on function public.has_role(text)
  to authenticated;

comment on function public.has_role(text) is
  'Whether the token has a role, admin or org:admin, in the active organization, and the member''s row has no other one: such a '
  'token is out of date. Roles are Clerk''s; owner is not. For authenticated.';

create function public.has_permission(
  p_permission text
)
returns boolean
language plpgsql
stable
security definer -- reads claims by functions that nobody may call, and rows past their policies
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims constant jsonb := auth.jwt();
  v_asked constant text[] := string_to_array(regexp_replace(p_permission, '^(org:)*', ''), ':');
  v_features constant text[] := array(
    select split_part(entry, ':', 2)
    from unnest(clerk_sync.claim_entries(v_claims -> 'fea', '[a-z]+:[^,:[:space:]]+')) with ordinality told (entry, place)
    where split_part(entry, ':', 1) in ('o', 'uo', 'ou')
    order by place
  );
  v_names constant text[] := clerk_sync.claim_entries(v_claims #> '{o,per}', '[^,:[:space:]]+');
  v_numbers constant text[] := clerk_sync.claim_entries(v_claims #> '{o,fpm}', '[0-9]+');
  v_number numeric;
  v_says boolean;
begin
  if v_claims ? 'v' then
    v_number := v_numbers[array_position(v_features, v_asked[1])]::numeric;
    v_says := cardinality(v_asked) = 2
      and cardinality(v_numbers) = cardinality(v_features)
      and cardinality(array_positions(v_features, v_asked[1])) = 1
      and cardinality(array_positions(v_names, v_asked[2])) = 1
      and v_number < 2::numeric ^ cardinality(v_names)
      -- Of a feature's number each bit, the lowest first, is a permission.
      and mod(div(v_number, 2::numeric ^ (array_position(v_names, v_asked[2]) - 1)), 2) = 1;
  else
    v_says := jsonb_typeof(v_claims -> 'org_permissions') = 'array'
      and v_claims -> 'org_permissions' ? ('org:' || array_to_string(v_asked, ':'));
  end if;
  return coalesce(v_says, false) and public.has_role(coalesce(v_claims #>> '{o,rol}', v_claims ->> 'org_role'));
end;
$$;

revoke execute on function public.has_permission(text)
  from public, anon, authenticated, service_role;
grant execute on function public.has_permission(text)
  to authenticated;

comment on function public.has_permission(text) is
  'Whether the token has a permission, org:invoices:manage, in the active organization, by a role that has_role has. Clerk puts '
  'no system permission, org:sys_…, into tokens. For authenticated.';
