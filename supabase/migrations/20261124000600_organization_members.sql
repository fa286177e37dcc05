-- Members: the table that the app reads, and the register of every generation of a membership.

create table clerk_sync.organization_members (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  user_id uuid not null,
  role varchar not null default 'member',
  status varchar not null default 'active',
  joined_at timestamptz not null default now(),
  external_id varchar,
  clerk_role varchar,
  updated_at timestamptz not null default now(),
  constraint organization_members_organization_exists foreign key (organization_id) references public.organizations (id),
  constraint organization_members_user_exists foreign key (user_id) references public.users (id),
  -- For the Data API, which embeds along foreign keys.
  constraint organization_members_user_is_shared foreign key (user_id) references public.public_user_data (id),
  -- With the status: who asks for colleagues reads this index alone.
  constraint organization_members_pair_is_unique unique (organization_id, user_id) include (status),
  constraint organization_members_status_is_known check (status in ('active', 'inactive'))
) with (fillfactor = 90);
select clerk_sync.take_over('clerk_sync.organization_members', 'public');
select clerk_sync.drop_needless_unique('public.organization_members', '{organization_id, user_id}');

alter table public.organization_members enable row level security;
revoke all on table public.organization_members from anon, authenticated, service_role;
grant select on table public.organization_members to service_role;

create index if not exists organization_members_user_id on public.organization_members (user_id);

comment on table public.organization_members is
  'Who belongs to which organization: those who are active do. Written by the sync alone; leaving deletes the row, or where '
  'something of the app''s keeps it, makes it inactive.';
comment on column public.organization_members.id is 'Our own key; a user who leaves and rejoins gets a new one.';
comment on column public.organization_members.organization_id is 'The organization.';
comment on column public.organization_members.user_id is 'The member.';
comment on column public.organization_members.role is
  'owner for a creator with an admin role, else Clerk''s role key without org: (admin, member, or a custom one); a custom '
  'role of that name stays org:owner.';
comment on column public.organization_members.status is
  'inactive when the user or the organization is deleted, or when the member left and a foreign key or a trigger of the app''s '
  'keeps the row; else active. Of a deletion that concerns more than a thousand rows it follows within minutes.';
comment on column public.organization_members.joined_at is 'When the membership was created in Clerk.';
comment on column public.organization_members.external_id is
  'Clerk membership id, orgmem_…; null while only the organization''s creation, or a call by hand, vouches for it.';
comment on column public.organization_members.clerk_role is
  'Clerk''s role key as sent, org:admin; null where external_id is and no role was given.';
comment on column public.organization_members.updated_at is 'Clerk''s updated_at of what is stored.';

create table clerk_sync.membership_register (
  external_id clerk_sync.id collate "C" primary key,
  organization_external_id clerk_sync.id not null,
  user_external_id clerk_sync.id,
  is_generation_zero boolean not null default false,
  joined_at timestamptz,
  version clerk_sync.version not null default row(0, '-infinity', '-infinity', ''),
  clerk_role text,
  deleted_at timestamptz,
  constraint a_living_membership_began check (joined_at is not null or deleted_at is not null)
) with (fillfactor = 90);

alter table clerk_sync.membership_register enable row level security;

-- Finds the newest generation of a pair by its first entry.
create index membership_register_newest_generation on clerk_sync.membership_register (
  organization_external_id, user_external_id, is_generation_zero, joined_at desc nulls last, external_id desc
);
create index membership_register_user on clerk_sync.membership_register (user_external_id);

comment on table clerk_sync.membership_register is
  'Every generation of every membership. Leaving and rejoining makes a new generation, with a new orgmem_ id; the '
  'pair of organization and user has the state of its newest one, by joined_at and id. Never purged.';
comment on column clerk_sync.membership_register.external_id is
  'Clerk membership id, orgmem_…; of generation zero, the ids of the organization and the user with a colon between.';
comment on column clerk_sync.membership_register.organization_external_id is 'Clerk organization id.';
comment on column clerk_sync.membership_register.user_external_id is
  'Clerk user id; null while only a delete that named no user has been seen.';
comment on column clerk_sync.membership_register.is_generation_zero is
  'Vouched for by the organization''s creation or by a call by hand, not by an orgmem_ id: older than any that has '
  'one.';
comment on column clerk_sync.membership_register.joined_at is
  'Clerk''s created_at of the membership. It never changes there; the least one seen stands in where a body lacks it. '
  'Null: only a removal that did not name it has been seen, which must not outrank any membership.';
comment on column clerk_sync.membership_register.version is 'Version of clerk_role.';
comment on column clerk_sync.membership_register.clerk_role is 'Clerk''s role key as sent; null when none was.';
comment on column clerk_sync.membership_register.deleted_at is
  'Tombstone of this generation alone: the time in the delete event, the earliest of several.';
