-- The columns, types and defaults that the app was promised. A table may have more; it may not have less.
begin;
set local search_path = public, extensions;
select plan(14);

create temporary view our_columns as
select table_name::text, column_name::text, data_type::text, column_default::text
from information_schema.columns
where table_schema = 'public';

select set_has(
  $$ select column_name, data_type, column_default from our_columns where table_name = 'users' $$,
  $$
  values
    ('id', 'uuid', 'gen_random_uuid()'),
    ('external_id', 'character varying', null),
    ('email', 'character varying', null),
    ('full_name', 'character varying', null),
    ('avatar_url', 'character varying', null),
    ('created_at', 'timestamp with time zone', 'now()'),
    ('updated_at', 'timestamp with time zone', 'now()')
  $$,
  'users has its columns, with their types and defaults'
);

select set_has(
  $$ select column_name, data_type, column_default from our_columns where table_name = 'organizations' $$,
  $$
  values
    ('id', 'uuid', 'gen_random_uuid()'),
    ('external_id', 'character varying', null),
    ('name', 'character varying', null),
    ('slug', 'character varying', null),
    ('plan', 'character varying', '''free''::character varying'),
    ('timezone', 'character varying', '''UTC''::character varying'),
    ('created_at', 'timestamp with time zone', 'now()'),
    ('updated_at', 'timestamp with time zone', 'now()')
  $$,
  'organizations has its columns, with their types and defaults'
);

select set_has(
  $$ select column_name, data_type, column_default from our_columns where table_name = 'organization_members' $$,
  $$
  values
    ('id', 'uuid', 'gen_random_uuid()'),
    ('organization_id', 'uuid', null),
    ('user_id', 'uuid', null),
    ('role', 'character varying', '''member''::character varying'),
    ('status', 'character varying', '''active''::character varying'),
    ('joined_at', 'timestamp with time zone', 'now()')
  $$,
  'organization_members has its columns, with their types and defaults'
);

select set_eq(
  $$
  select table_name::text, column_name::text
  from information_schema.columns
  where table_schema = 'public'
    and table_name in ('users', 'organizations')
    and is_nullable = 'NO'
    and column_default is null
  $$,
  $$
  values ('users', 'external_id'), ('users', 'email'), ('organizations', 'external_id'), ('organizations', 'name')
  $$,
  'a user needs no more than external_id and email, an organization external_id and name'
);

select col_is_pk('public', 'users', 'id', 'users is keyed by id');
select col_is_pk('public', 'organizations', 'id', 'organizations is keyed by id');
select col_is_pk('public', 'organization_members', 'id', 'organization_members is keyed by id');

select col_is_unique('public', 'users', 'external_id', 'a Clerk user has one row');
select col_is_unique('public', 'organizations', 'external_id', 'a Clerk organization has one row');
select index_is_unique('public', 'organizations', 'organizations_slug_is_unique', 'a slug belongs to one organization');
select col_is_unique(
  'public', 'organization_members', array['organization_id', 'user_id'], 'a user is a member of an organization once'
);

select fk_ok(
  'public', 'organization_members', 'organization_id', 'public', 'organizations', 'id', 'a member has an organization'
);
select fk_ok('public', 'organization_members', 'user_id', 'public', 'users', 'id', 'a member has a user');

select has_index(
  'public', 'organization_members', 'organization_members_user_id', 'user_id', 'the organizations of a user are indexed'
);

select * from finish();
rollback;
