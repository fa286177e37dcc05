-- Organizations: the table that the app reads, and the register of what has been seen of each.

create table clerk_sync.organizations (
  id uuid primary key default gen_random_uuid(),
  external_id varchar not null,
  name varchar not null,
  slug varchar,
  plan varchar default 'free',
  timezone varchar default 'UTC',
  logo_url varchar,
  created_by varchar,
  public_metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint organizations_external_id_is_unique unique (external_id),
  constraint organizations_external_id_is_not_empty check (external_id <> ''),
  constraint organizations_slug_is_not_empty check (slug <> '')
) with (fillfactor = 90);
select clerk_sync.take_over('clerk_sync.organizations', 'public');

-- Unique like a constraint, but partial: an update of a column with a full unique index takes the lock that conflicts with
-- a foreign key's check. An organization that gives up a slug would wait for whoever joins it, who may wait for its slug.
create unique index if not exists organizations_slug_is_unique on public.organizations (slug)
  where slug is not null;
select clerk_sync.drop_needless_unique('public.organizations', '{slug}');

alter table public.organizations enable row level security;
revoke all on table public.organizations from anon, authenticated, service_role;
grant select on table public.organizations to service_role;
grant update (plan, timezone) on table public.organizations to service_role;

comment on table public.organizations is
  'Organizations of Clerk. Written by the sync, but for timezone and, without Clerk Billing, plan; a deleted one keeps the row, '
  'with deleted_at.';
comment on column public.organizations.id is 'Our own key, for foreign keys.';
comment on column public.organizations.external_id is 'Clerk organization id, org_….';
comment on column public.organizations.name is 'The id stands in until a name is known.';
comment on column public.organizations.slug is
  'Null when Clerk has none, when the organization is deleted, or while a newer claim of another one holds it.';
comment on column public.organizations.plan is
  'The app''s own until Clerk Billing speaks of the organization: then it is the slug of the plan that is paid for. It grants '
  'rights, so that only a backend may write it, as service_role.';
comment on column public.organizations.timezone is
  'The app''s own: the sync never writes it. Owner and admin may.';
comment on column public.organizations.logo_url is 'Clerk''s image_url.';
comment on column public.organizations.created_by is
  'Clerk user id of the creator; no foreign key, for a creator may be deleted or arrive later.';
comment on column public.organizations.public_metadata is 'Clerk''s public_metadata. Private metadata is not stored.';
comment on column public.organizations.created_at is
  'When it was created in Clerk; of a stub, when the event that told of it happened.';
comment on column public.organizations.updated_at is 'Clerk''s updated_at of what is stored.';
comment on column public.organizations.deleted_at is 'When it was deleted in Clerk; null while it exists. Never unset.';

create table clerk_sync.organization_register (
  external_id clerk_sync.id primary key,
  version clerk_sync.version not null default row(0, '-infinity', '-infinity', ''),
  claimed_slug text,
  creator_version clerk_sync.version not null default row(0, '-infinity', '-infinity', ''),
  deleted_at timestamptz
) with (fillfactor = 90);

alter table clerk_sync.organization_register enable row level security;

create index organization_register_claimed_slug on clerk_sync.organization_register (claimed_slug)
  where claimed_slug is not null;

comment on index public.organizations_slug_is_unique is
  'A slug is one organization''s at a time. Partial, so that changing a slug does not wait for members being added.';

comment on table clerk_sync.organization_register is
  'What has been seen of each organization: the version that public.organizations shows, the slug it claims, and the '
  'tombstone. Never purged.';
comment on column clerk_sync.organization_register.external_id is
  'Clerk organization id. May have no row in public.organizations.';
comment on column clerk_sync.organization_register.version is 'Version of the fields in public.organizations.';
comment on column clerk_sync.organization_register.claimed_slug is
  'The slug in that version. Whether the organization holds it is decided among all claims.';
comment on column clerk_sync.organization_register.creator_version is
  'Version of the newest state that named a creator: some events leave created_by out.';
comment on column clerk_sync.organization_register.deleted_at is
  'Tombstone: the time in the delete event, the earliest of several.';
