-- sync_retry_event: an event that was refused is tried once more, and what refuses it is named, never quoted.
begin;
set local search_path = public, extensions;
select plan(46);

-- Stands for the app: a schema, a table, and what it hangs on our rows. Each rule is tried alone.
truncate public.users, public.organizations, public.organization_members cascade;
create schema app;
create table app.audit (
  detail text not null
);

create function public.notify_app() returns trigger language plpgsql as $$
begin
  insert into app.audit (detail) values (null);
  return new;
end;
$$;
create function app.shout() returns trigger language plpgsql set search_path = app as $$
begin
  raise exception 'no % here', new.email using errcode = '22023', detail = new.email, column = new.email, constraint = new.email;
end;
$$;
create function app.rejoin() returns trigger language plpgsql set search_path = '' as $$
begin
  perform public.set_membership('', new.external_id);
  return new;
end;
$$;
create function app.quote() returns trigger language plpgsql set search_path = '' as $$
begin
  execute 'select 1/0 as ' || quote_ident(new.email || E'\nPL/pgSQL function public.upsert_user(secret) line 1');
  return new;
end;
$$;
create function app.is_fine(text) returns boolean language sql set search_path = '' as $$ select 1 / length($1) > 0 $$;
create function app.forbid() returns trigger language plpgsql as $$
begin
  perform from app.nothing;
  return new;
end;
$$;

create function pg_temp.retry(p_email text, p_event_id text default 'msg_r')
returns jsonb
language sql
as $$
  select public.sync_retry_event('upsert_user', jsonb_build_object(
    'p_external_id', 'user_r', 'p_email', p_email, 'p_public_metadata', '{"a": 1}'::jsonb, 'p_updated_at', '2026-01-02',
    'p_event_id', p_event_id, 'p_event_type', 'user.updated', 'p_event_at', '2026-01-02'
  ));
$$;

-- Runs under a rule of the app's, and takes the rule back.
create function pg_temp.under(p_rule text, p_email text default 'secret@example.test')
returns text
language plpgsql
as $$
declare
  v_result jsonb;
begin
  begin
    execute p_rule;
    v_result := pg_temp.retry(p_email);
    raise exception using errcode = 'ZZ999';
  exception
    when sqlstate 'ZZ999' then
      return concat_ws(' ', v_result ->> 'outcome', v_result ->> 'error_code', v_result ->> 'error');
  end;
end;
$$;

-- What refuses

select is(pg_temp.under(rule), cause, what)
from (
  values
    ('create trigger t after insert on public.users for each row execute function public.notify_app()',
      'failed 23502 column detail of app.audit, function public.notify_app',
      'a trigger whose own insert lacks a value is the app''s, and named with the column'),
    ($$
      insert into public.users (external_id, email) values ('user_other', 'secret@example.test');
      alter table public.users add constraint one_email unique (email)
    $$,
      'failed 23505 constraint one_email of public.users', 'a unique constraint is named'),
    ($$
      insert into public.users (external_id, email) values ('user_other', 'secret@example.test');
      create unique index one_lower_email on public.users (lower(email))
    $$,
      'failed 23505 constraint one_lower_email of public.users', 'and a unique index'),
    ('alter table public.users add seat text not null',
      'failed 23502 column seat of public.users', 'a column of the app''s that wants a value is named'),
    ('alter table public.users alter column avatar_url set not null',
      'failed 23502 column avatar_url of public.users', 'so is one of ours that the app made stricter'),
    ('alter table public.users alter column email type varchar(3)',
      'failed 22001 in clerk_sync.merge_user',
      'a column that the app made narrower is the app''s, though PostgreSQL names nothing: the function that writes it is told'),
    ('alter table public.users add age integer generated always as (email::integer) stored',
      'failed 22P02 in clerk_sync.merge_user', 'so is a generated column'),
    ('create index on public.users ((email::integer))',
      'failed 22P02 in clerk_sync.merge_user', 'and an index on an expression'),
    ($$
      create domain app.address as varchar check (value like '%@app.test');
      alter table public.users alter column email type app.address
    $$,
      'failed 23514 constraint address_check of app.address', 'a domain of the app''s is named by its check'),
    ('create trigger t before insert on public.users for each row execute function app.shout()',
      'failed 22023 function app.shout',
      'what a trigger raises is named by the trigger''s function, whatever code and names it raises it with'),
    ('create trigger t after insert on public.users for each row execute function app.rejoin()',
      'failed 23514 constraint id_is_not_empty of clerk_sync.id, function app.rejoin',
      'a trigger that calls an RPC wrongly is at fault, not the body'),
    ('create trigger t after insert on public.users for each row execute function app.quote()',
      'failed 22012 function app.quote', 'a statement that a trigger makes of a value tells no function'),
    ('create trigger t after insert on public.users for each row execute function app.forbid()',
      'failed 42P01 function app.forbid', 'a table that a trigger does not find is the trigger''s to find'),
    ($$
      create function app.odd() returns trigger language plpgsql as
        'begin raise sqlstate ''PGRST'' using message = ''{"code":"secret"}'', detail = ''{"status":200}''; end';
      create trigger t after insert on public.users for each row execute function app.odd()
    $$,
      'failed PGRST function app.odd', 'an answer that a trigger raises is no answer'),
    ('create constraint trigger t after insert on public.users deferrable initially deferred
      for each row execute function app.shout()',
      'failed 22023 function app.shout', 'what would be refused at the commit is refused, and named'),
    ($$
      create function app.late() returns trigger language plpgsql as
        'begin raise exception using errcode = ''23514'', schema = ''clerk_sync'', table = ''events''; end';
      create trigger t after insert on public.users for each row execute function app.late()
    $$,
      'failed 23514 table clerk_sync.events, function app.late', 'nobody passes for us'),
    ('drop function clerk_sync.lock_organizations_of_user(text)',
      'failed 42883 in public.upsert_user', 'a function of ours that is missing is told by ours that calls it'),
    ($$
      create function app.assume() returns trigger language plpgsql as 'begin assert new.email is null, new.email; end';
      create trigger t after insert on public.users for each row execute function app.assume()
    $$,
      'failed P0004 function app.assume', 'an assertion is named by its function, too')
) as refusing (rule, cause, what);

select is(
  pg_temp.under($$ alter table public.users add constraint email_is_there check (email <> '') $$, ''),
  'failed 23514 constraint email_is_there of public.users',
  'a check of the app''s on our table is named'
);
select is(
  pg_temp.under('alter table public.users add constraint email_is_fine check (app.is_fine(email))', ''),
  'failed 22012 function app.is_fine',
  'a function in a check is named'
);
select is(
  pg_temp.under('create trigger t before insert on public.users for each row execute function "app"."shout"()', E'x\ny'),
  'failed 22023 function app.shout',
  'lines of a value are not lines of the context'
);

create function pg_temp.is_cancelled() returns boolean language plpgsql as $$
begin
  create function app.sleep() returns trigger language plpgsql as 'begin raise query_canceled; end';
  create trigger t after insert on public.users for each row execute function app.sleep();
  perform pg_temp.retry('a@example.test');
  return false;
exception
  when query_canceled then
    return true;
end;
$$;
select ok(pg_temp.is_cancelled(), 'who cancels it is obeyed');

-- What can't be stored

create function pg_temp.rejected(p_rpc text, p_arguments jsonb)
returns text
language sql
as $$
  select concat_ws(' ', r ->> 'outcome', r ->> 'error_code', r ->> 'error')
  from public.sync_retry_event(p_rpc, p_arguments || '{"p_event_id": "msg_x", "p_event_type": "some"}') r;
$$;

select is(pg_temp.rejected(rpc, arguments), 'rejected ' || cause, what)
from (
  values
    ('upsert_user', '{"p_external_id": "user_x", "p_updated_at": "secret"}'::jsonb,
      '22007 a value that PostgreSQL can''t store', 'a value that is none of the parameter''s type can''t be stored'),
    ('upsert_user', '{"p_external_id": ""}',
      '23514 constraint id_is_not_empty of clerk_sync.id', 'nor can an id that is empty'),
    ('upsert_user', '{"p_external_id": null}',
      '23502 column external_id of clerk_sync.user_register', 'or missing'),
    ('set_membership', '{"p_organization_external_id": "org_x", "p_user_external_id": null}',
      '22023 a value that PostgreSQL can''t store', 'or what an RPC of ours refuses by itself')
) as told (rpc, arguments, cause, what);
select is(
  (
    select pg_temp.rejected('upsert_org_with_owner', jsonb_build_object(
      'p_external_id', 'org_x', 'p_name', 'Acme', 'p_slug', string_agg(md5(n::text), '')
    ))
    from generate_series(1, 200) n
  ),
  'rejected 54000 constraint organization_register_claimed_slug of clerk_sync.organization_register',
  'or a slug that no index takes'
);

-- The ledger

select is(pg_temp.retry('now@example.test') ->> 'outcome', 'applied', 'what is refused no more is applied');
select results_eq(
  $$
  select e.outcome::text, e.attempts, e.error_code, u.email, u.public_metadata
  from clerk_sync.events e, public.users u
  where e.event_id = 'msg_r' and u.external_id = 'user_r'
  $$,
  $$ values ('applied', 1, null, 'now@example.test'::varchar, '{"a": 1}'::jsonb) $$,
  'as its own RPC would have done'
);
select is(pg_temp.retry('late@example.test') ->> 'outcome', 'duplicate', 'and is a duplicate from then on');
select is(
  public.sync_retry_event('upsert_user', '{"p_external_id": "user_r", "p_updated_at": "2026-01-01", "p_event_id": "msg_r0"}')
    ->> 'outcome',
  'stale',
  'an older state is stale'
);

create trigger t before insert or update on public.users for each row execute function app.shout();
select public.sync_retry_event('upsert_user', '{"p_external_id": "user_f", "p_email": "secret@example.test", "p_event_id": "msg_f",
  "p_event_type": "user.created", "p_event_at": "2026-01-02T00:00:00Z"}');
drop trigger t on public.users;
select results_eq(
  $$
  select outcome::text, event_type, event_at, object_id, error_code, error
  from clerk_sync.events
  where event_id = 'msg_f'
  $$,
  $$ values ('failed', 'user.created', '2026-01-02'::timestamptz, 'user_f', '22023', 'function app.shout') $$,
  'what is refused is entered with its cause'
);
select is_empty(
  $$ select from public.users where external_id = 'user_f' union all select from clerk_sync.user_register where external_id = 'user_f' $$,
  'and leaves nothing else behind'
);
select is_empty(
  $$ select from clerk_sync.events e where e::text ~ 'secret' $$,
  'no value is in the ledger, whatever was raised with it'
);

-- A subscription item
create function pg_temp.retry_item(p_more jsonb, p_event_id text default 'msg_item')
returns text
language sql
as $$
  select concat_ws(' ', said ->> 'outcome', said ->> 'error_code', said ->> 'error')
  from public.sync_retry_event('record_snapshots', jsonb_build_object(
    'p_kind', 'subscription', 'p_object_id', 'csub_r', 'p_event_id', p_event_id, 'p_event_type', 'subscription.updated',
    'p_event_at', '2026-01-02', 'p_snapshots', jsonb_build_array('{
      "p_external_id": "csub_item_r", "p_user_external_id": null, "p_organization_external_id": "org_r", "p_plan": "secret",
      "p_status": "active", "p_updated_at": "2026-01-02"
    }'::jsonb || p_more)
  )) said
$$;
select public.upsert_org_with_owner('org_r', 'R');
alter table public.organizations add constraint a_plan_of_ours check (plan = 'free');
select is(
  pg_temp.retry_item('{}'), 'failed 23514 constraint a_plan_of_ours of public.organizations',
  'a plan that the app refuses is named by its constraint'
);
select results_eq(
  $$
  select outcome::text, event_type, object_id, user_external_id, organization_external_id
  from clerk_sync.events
  where event_id = 'msg_item'
  $$,
  $$ values ('failed', 'subscription.updated', 'csub_r', null::text, 'org_r') $$,
  'and entered with the payer'
);
alter table public.organizations drop constraint a_plan_of_ours;
create trigger t after insert on public.subscriptions for each row execute function app.forbid();
select is(
  pg_temp.retry_item('{"p_user_external_id": "user_r", "p_organization_external_id": null}', 'msg_item_of_user'),
  'failed 42P01 function app.forbid', 'a trigger of the app''s on subscriptions is named'
);
select results_eq(
  $$ select user_external_id, organization_external_id from clerk_sync.events where event_id = 'msg_item_of_user' $$,
  $$ values ('user_r', null::text) $$,
  'a user who pays, too'
);
drop trigger t on public.subscriptions;
select is(pg_temp.retry_item('{}'), 'applied', 'it is applied when nothing is in the way any more');
select is((select plan from public.organizations where external_id = 'org_r'), 'secret', 'and the plan follows');

-- Who may be called, and how

select set_eq(
  $$
  select btrim(rpc, E' \n')
  from pg_proc
  cross join unnest(string_to_array(substring(prosrc from 'c_rpcs constant text\[\] :=\s+''\{([^}]*)\}'''), ',')) rpc
  where oid = 'public.sync_retry_event(text, jsonb)'::regprocedure
  $$,
  $$
  select proname::text
  from pg_proc
  where pronamespace = 'public'::regnamespace
    and proargnames @> '{p_event_id,p_event_type,p_event_at}'
    and proname <> 'record_event'
  $$,
  'every RPC that applies an event can be retried, and no other one'
);
select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.sync_retry_event('record_event', '{"p_event_id": "msg_x", "p_outcome": "failed"}') $$,
      '22023', 'another RPC is refused'),
    ($$ select public.sync_retry_event('delete_user', '{"p_external_id": "user_r", "p_event_id": "msg_x", "p_no": 1}') $$,
      '22023', 'another parameter is refused'),
    ($$ select public.sync_retry_event('delete_user', '{"p_external_id": "user_r"}') $$,
      '22023', 'a call without an event is refused'),
    ($$ select public.sync_retry_event('delete_user', '[1]') $$, '22023', 'arguments that are no object are refused'),
    ($$ select public.sync_retry_event('upsert_user', null) $$, '22023', 'and no arguments')
) as refused (call, code, what);

select * from finish();
rollback;
