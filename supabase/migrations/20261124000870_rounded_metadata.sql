-- Clerk's own client, through which backfill, drift and sync-from-clerk read, makes doubles of all numbers in public metadata;
-- webhooks bring them by their digits. What differs by that alone is no difference, and never overwrites the digits.

create function clerk_sync.as_double(
  p_number numeric
)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case
    when abs(p_number) >= 1.797693134862315807e308 then 'null'
    when abs(p_number) < 2.4703282292062328e-324 then '0'
    else to_jsonb(p_number::double precision)
  end;
$$;

revoke execute on function clerk_sync.as_double(numeric)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.as_double(numeric) is
  'What JavaScript writes of a number that it read: the nearest double, null beyond the largest one.';

create function clerk_sync.leaves(
  p_json jsonb
)
returns table (
  path text[],
  leaf jsonb
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with recursive nodes (path, node) as (
    select '{}'::text[], p_json
    union all
    select nodes.path || child.key, child.value
    from nodes
    cross join lateral (
      select key, value
      from jsonb_each(case when jsonb_typeof(node) = 'object' then node else '{}' end)
      union all
      select ordinality::text, value
      from jsonb_array_elements(case when jsonb_typeof(node) = 'array' then node else '[]' end) with ordinality
    ) child (key, value)
  )
  select
    nodes.path,
    case jsonb_typeof(node)
      when 'object' then '{}'
      when 'array' then '[]'
      else node
    end
  from nodes;
$$;

revoke execute on function clerk_sync.leaves(jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.leaves(jsonb) is
  'All that is in a JSON value, each with its path of keys and positions; an object or a list as an empty one.';

create function clerk_sync.is_rounded(
  p_told jsonb,
  p_exact jsonb
)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Doubles hold numbers of up to 15 digits as they are.
  if p_exact::text !~ '[0-9.]{16}' or p_told = p_exact then
    return false;
  end if;

  return not exists (
    select
    from clerk_sync.leaves(p_exact) exact
    full join clerk_sync.leaves(p_told) told using (path)
    where told.leaf is distinct from
      case when jsonb_typeof(exact.leaf) = 'number' then clerk_sync.as_double(exact.leaf::numeric) else exact.leaf end
  );
end;
$$;

revoke execute on function clerk_sync.is_rounded(jsonb, jsonb)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.is_rounded(jsonb, jsonb) is
  'Whether p_told is p_exact with its numbers read as doubles, and not the same; null when either is.';
