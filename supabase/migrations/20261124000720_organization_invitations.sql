-- Who is invited to an organization. An invitation makes nobody a member: the membership does, which is an event of its own.

create table clerk_sync.organization_invitations (
  id uuid primary key default gen_random_uuid(),
  external_id varchar not null,
  organization_external_id varchar not null,
  email varchar not null,
  role varchar not null,
  clerk_role varchar not null,
  status varchar not null,
  inviter_external_id varchar,
  user_external_id varchar,
  expires_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint organization_invitations_external_id_is_unique unique (external_id),
  constraint organization_invitations_external_id_is_not_empty check (external_id <> ''),
  constraint organization_invitations_organization_is_not_empty check (organization_external_id <> '')
) with (fillfactor = 90);
select clerk_sync.take_over('clerk_sync.organization_invitations', 'public');

alter table public.organization_invitations enable row level security;
revoke all on table public.organization_invitations from anon, authenticated, service_role;
grant select on table public.organization_invitations to service_role;

create index if not exists organization_invitations_organization
  on public.organization_invitations (organization_external_id);
-- By these an erasure finds what is personal of one user.
create index if not exists organization_invitations_email on public.organization_invitations (lower(email))
  where email <> '';
create index if not exists organization_invitations_user on public.organization_invitations (user_external_id)
  where user_external_id is not null;

comment on table public.organization_invitations is
  'Invitations to organizations. Clerk sends no event when one expires: see expires_at. The link of an invitation is not kept.';
comment on column public.organization_invitations.id is 'Our own key.';
comment on column public.organization_invitations.external_id is 'Clerk invitation id, orginv_….';
comment on column public.organization_invitations.organization_external_id is
  'Clerk organization id; no foreign key, for an invitation may arrive before its organization.';
comment on column public.organization_invitations.email is
  'Address that was invited; empty once the user whose it is was erased, and for good.';
comment on column public.organization_invitations.role is 'The role that the member will have, as in organization_members.';
comment on column public.organization_invitations.clerk_role is 'Clerk''s own key of it, as org:admin.';
comment on column public.organization_invitations.status is 'Clerk''s word: pending, accepted, revoked, expired.';
comment on column public.organization_invitations.inviter_external_id is 'Clerk user id of who invited; null where not told.';
comment on column public.organization_invitations.user_external_id is 'Clerk user id of who accepted; null: nobody yet.';
comment on column public.organization_invitations.expires_at is 'When it can be accepted no longer; null: never.';
comment on column public.organization_invitations.created_at is 'When it was created in Clerk.';
comment on column public.organization_invitations.updated_at is 'Clerk''s updated_at of what is stored.';

-- All tables are in place.
drop function clerk_sync.take_over(regclass, text);
drop function clerk_sync.drop_needless_unique(regclass, name[]);
