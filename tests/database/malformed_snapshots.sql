-- What record_snapshots makes of elements that Clerk would not send, and of an app that hangs its own things on our rows.
begin;
set local search_path = public, extensions;
select plan(35);

create function pg_temp.tell(p_more jsonb, p_rpc text default 'record_snapshots', p_kind text default 'subscription')
returns text
language plpgsql
as $$
declare
  v_said text;
begin
  execute format('select public.%I($1, jsonb_build_array($2))::text', p_rpc)
  into v_said
  using p_kind, case p_kind
    when 'subscription' then
      '{"p_external_id": "csub_item_odd", "p_user_external_id": "user_odd", "p_plan": "pro", "p_status": "active"}'::jsonb
    else
      '{"p_external_id": "orginv_odd", "p_organization_external_id": "org_odd", "p_email": "odd@example.test",
        "p_clerk_role": "org:member", "p_status": "pending"}'::jsonb
  end || p_more;
  return v_said;
end;
$$;

-- Pages
select throws_ok(format('select public.%s(%L, %s)', rpc, 'subscription', page), code, null, format('%s refuses %s', rpc, what))
from unnest('{record_snapshots,sync_record_snapshots}'::text[]) rpc
cross join (
  values
    ('null', '22023', 'no page'),
    ('''null''', '22023', 'a page that is null'),
    ('''"[]"''', '22023', 'a text'),
    ('''[null]''', '22023', 'a null among the elements'),
    ('''[[]]''', '22023', 'a list among them'),
    ('''[{}]''', '23502', 'an object that says nothing'),
    ('(select jsonb_agg(''{}''::jsonb) from generate_series(1, 1001))', '22023', 'more than a thousand')
) pages (page, code, what);
select is_empty(
  $$ select from clerk_sync.snapshot_register where external_id like '%odd%' $$, 'and nothing is left of any of them'
);

-- Values
select throws_ok(format('select pg_temp.tell(%L)', more), code, null, what || ' is refused')
from (
  values
    ('{"p_seats": "many"}', '22P02', 'a number that is none'),
    ('{"p_seats": 5.5}', '22P02', 'half a seat'),
    ('{"p_seats": 5000000000}', '22003', 'more seats than there are people'),
    ('{"p_is_free_trial": "perhaps"}', '22P02', 'a truth that is none'),
    ('{"p_period_end": "soon"}', '22007', 'a time that is none'),
    ('{"p_updated_at": [1]}', '22007', 'a list for a time'),
    ('{"p_status": null}', '23502', 'a status that is null'),
    ('{"p_nothing": {"p_status": "ended"}}', '42703', 'what is no column'),
    ('{"user_external_id": "user_odd"}', '42703', 'a column that is no parameter'),
    ('{"p_plan\") = (select 1) --": 1}', '42703', 'a column that would be more than a name'),
    (format('{"p_external_id": "%s"}', (select string_agg(md5(i::text), '') from generate_series(1, 2000) i)), '54000', 'an id of 64 kB')
) odd (more, code, what);
select is(pg_temp.tell('{"p_seats": "5"}'), 'applied', 'a number as text is read');
select is((select seats from public.subscriptions where external_id = 'csub_item_odd'), 5, 'as the number that it is');

-- What an app hangs on our rows
create domain public.seats_of_ours as integer check (value between 1 and 100);
create type public.tier_of_ours as enum ('low', 'high');
alter table public.subscriptions
  add tier public.tier_of_ours not null default 'low',
  add place point default '(1,2)',
  add noted_at timestamptz not null default now(),
  alter column seats type public.seats_of_ours;
create table public.invoices_of_ours (subscription uuid references public.subscriptions (id), item varchar references public.subscriptions (external_id));
insert into public.invoices_of_ours select id, external_id from public.subscriptions where external_id = 'csub_item_odd';
update public.subscriptions set tier = 'high', noted_at = '2026-01-01' where external_id = 'csub_item_odd';
select is(pg_temp.tell('{"p_seats": 7, "p_status": "ended"}'), 'applied', 'a row that the app refers to is written');
select results_eq(
  $$ select seats::integer, status, tier::text, place::text, noted_at from public.subscriptions where external_id = 'csub_item_odd' $$,
  $$ values (7, 'ended'::varchar, 'high', '(1,2)', '2026-01-01'::timestamptz) $$,
  'its own columns stay as they are'
);
select throws_ok($$ select pg_temp.tell('{"p_seats": 101}') $$, '23514', null, 'its own type is asked');
select lives_ok($$ select pg_temp.tell('{"p_external_id": "csub_item_odd_2", "p_seats": 1}') $$, 'a column of its own with a default is in nobody''s way');

create function pg_temp.refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = 'ZZ001'; end $$;
create trigger refuse after insert or update on public.subscriptions for each row execute function pg_temp.refuse();
select throws_ok($$ select pg_temp.tell('{"p_plan": "refused"}') $$, 'ZZ001', null, 'a trigger of the app''s may refuse an item');
select is(
  (select plan from public.subscriptions where external_id = 'csub_item_odd'), 'pro', 'nothing of it is kept'
);
drop trigger refuse on public.subscriptions;
select is(pg_temp.tell('{"p_plan": "refused"}'), 'applied', 'and it is applied when the trigger is gone');

select * from finish();
rollback;
