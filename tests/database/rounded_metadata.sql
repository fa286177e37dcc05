-- Public metadata whose numbers a double does not hold: webhooks bring their digits, Clerk's API what a double makes of them.
begin;
set local search_path = public, extensions;
select plan(14);

create temporary table metadata (exact jsonb, rounded jsonb);
insert into metadata
values (
  '{"id": 12345678901234567891, "list": [1, {"deep": [0.1234567890123456789, -1e400]}], "tiny": 1e-400, "text": "1e400", "e": {}}',
  '{"id": 12345678901234567000, "list": [1, {"deep": [0.12345678901234568, null]}], "tiny": 0, "text": "1e400", "e": {}}'
);

create function pg_temp.tell_user(p_metadata jsonb, p_day integer, p_event_id text default null)
returns jsonb
language sql
as $$
  select public.upsert_user(
    'user_r', p_full_name => 'Ada ' || p_day, p_public_metadata => p_metadata, p_created_at => '2026-01-01',
    p_updated_at => '2026-01-01'::timestamptz + p_day * interval '1 day',
    p_event_at => '2026-01-01'::timestamptz + p_day * interval '1 day', p_event_id => p_event_id
  );
  select to_jsonb(u) from public.users u where external_id = 'user_r';
$$;

create function pg_temp.tell_org(p_metadata jsonb, p_day integer, p_event_id text default null)
returns jsonb
language sql
as $$
  select public.upsert_org_with_owner(
    'org_r', 'Acme ' || p_day, p_public_metadata => p_metadata, p_created_at => '2026-01-01',
    p_updated_at => '2026-01-01'::timestamptz + p_day * interval '1 day',
    p_event_at => '2026-01-01'::timestamptz + p_day * interval '1 day', p_event_id => p_event_id
  );
  select to_jsonb(o) from public.organizations o where external_id = 'org_r';
$$;

create function pg_temp.differences(p_metadata jsonb)
returns setof text
language sql
as $$
  select array_to_string(fields, ',')
  from public.sync_compare_users(jsonb_build_array(jsonb_build_object(
    'p_external_id', 'user_r', 'p_email', '', 'p_full_name', 'Ada 1', 'p_public_metadata', p_metadata,
    'p_created_at', '2026-01-01', 'p_updated_at', '2026-01-02'
  )))
  union all
  select array_to_string(fields, ',')
  from public.sync_compare_orgs(jsonb_build_array(jsonb_build_object(
    'p_external_id', 'org_r', 'p_name', 'Acme 1', 'p_public_metadata', p_metadata, 'p_created_at', '2026-01-01',
    'p_updated_at', '2026-01-02'
  )));
$$;

select is(pg_temp.tell_user(exact, 1, 'msg_r_user') -> 'public_metadata', exact, 'an event''s digits are stored') from metadata;
select is(pg_temp.tell_org(exact, 1, 'msg_r_org') -> 'public_metadata', exact, 'an organization''s, too') from metadata;
select is_empty('select pg_temp.differences(rounded) from metadata', 'the same as doubles is no difference');
select is_empty('select pg_temp.differences(exact) from metadata', 'nor is the same');

select results_eq(
  format('select pg_temp.differences(jsonb_set(rounded, array[%L], %L)) from metadata', path, value),
  $$ select 'public_metadata' from generate_series(1, 2) $$,
  format('but %s at %s is one', value, path)
)
from (values ('id', '12345678901234569000'), ('list', '[1]'), ('tiny', 'null'), ('text', 'null'), ('e', '[]')) c (path, value);

select is(
  pg_temp.tell_user(rounded, 2) -> 'public_metadata', exact, 'a call without an event that tells doubles keeps the digits'
)
from metadata;
select is(pg_temp.tell_user(rounded, 2) ->> 'full_name', 'Ada 2', 'and writes the rest') from metadata;
select is(pg_temp.tell_org(rounded, 2) -> 'public_metadata', exact, 'an organization''s stay, too') from metadata;
select is(
  pg_temp.tell_user(rounded, 3, 'msg_r_rounded') -> 'public_metadata', rounded, 'an event that tells the doubles themselves is believed'
)
from metadata;
select is(
  pg_temp.tell_org(rounded - 'e', 3) -> 'public_metadata', rounded - 'e', 'and so is a call that tells something else'
)
from metadata;

select * from finish();
rollback;
