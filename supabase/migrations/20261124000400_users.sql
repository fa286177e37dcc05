-- Users: the table that the app reads, and the register of what has been seen of each.

create table clerk_sync.users (
  id uuid primary key default gen_random_uuid(),
  external_id varchar not null,
  email varchar not null,
  full_name varchar,
  avatar_url varchar,
  username varchar,
  banned boolean not null default false,
  deprovisioned boolean not null default false,
  public_metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint users_external_id_is_unique unique (external_id),
  constraint users_external_id_is_not_empty check (external_id <> '')
) with (fillfactor = 90);
select clerk_sync.take_over('clerk_sync.users', 'public');

alter table public.users enable row level security;
revoke all on table public.users from anon, authenticated, service_role;
grant select on table public.users to service_role;

comment on table public.users is
  'Users of Clerk. Written by the sync alone; a deleted user keeps the row, with deleted_at.';
comment on column public.users.id is 'Our own key, for foreign keys.';
comment on column public.users.external_id is 'Clerk user id, user_….';
comment on column public.users.email is 'The primary email address; empty when the Clerk account has none.';
comment on column public.users.full_name is 'First and last name; null when Clerk has neither.';
comment on column public.users.avatar_url is 'Clerk''s image_url.';
comment on column public.users.username is 'Null when the Clerk account has none.';
comment on column public.users.banned is 'Banned in Clerk: can''t sign in.';
comment on column public.users.deprovisioned is 'Disabled by the company''s directory (SCIM, Directory Sync): can''t sign in.';
comment on column public.users.public_metadata is
  'Clerk''s public_metadata. Private and unsafe metadata are not stored.';
comment on column public.users.created_at is
  'When the Clerk account was created; of a stub, when the event that told of it happened.';
comment on column public.users.updated_at is 'Clerk''s updated_at of what is stored.';
comment on column public.users.deleted_at is
  'When the account was deleted in Clerk; null while it exists. Never unset.';

create table clerk_sync.user_register (
  external_id clerk_sync.id primary key,
  version clerk_sync.version not null default row(0, '-infinity', '-infinity', ''),
  deleted_at timestamptz,
  barred_at timestamptz,
  erased_at timestamptz
) with (fillfactor = 90);

alter table clerk_sync.user_register enable row level security;

comment on table clerk_sync.user_register is
  'What has been seen of each user: the version that public.users shows, and the tombstone. Never purged: a tombstone '
  'that was forgotten would let a late event bring its user back.';
comment on column clerk_sync.user_register.external_id is
  'Clerk user id. May have no row in public.users: a delete can come first.';
comment on column clerk_sync.user_register.version is 'Version of the fields in public.users.';
comment on column clerk_sync.user_register.deleted_at is
  'Tombstone: the time in the delete event, the earliest of several.';
comment on column clerk_sync.user_register.barred_at is
  'The latest updated_at of a snapshot that was banned or deprovisioned: what was signed in by then is over. Stays when '
  'the ban is lifted; null: there was none.';
comment on column clerk_sync.user_register.erased_at is
  'Since when nothing personal is kept of the user, whatever arrives; null: it is.';
