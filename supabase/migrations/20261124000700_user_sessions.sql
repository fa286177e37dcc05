-- Sign-ins: one row a Clerk session.

create table clerk_sync.user_sessions (
  id uuid primary key default gen_random_uuid(),
  external_id varchar not null,
  user_external_id varchar not null,
  client_id varchar,
  actor_external_id varchar,
  status varchar not null,
  device varchar,
  browser varchar,
  city varchar,
  country varchar,
  created_at timestamptz not null,
  last_active_at timestamptz,
  expire_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz not null,
  constraint user_sessions_external_id_is_unique unique (external_id),
  constraint user_sessions_external_id_is_not_empty check (external_id <> ''),
  constraint user_sessions_user_external_id_is_not_empty check (user_external_id <> '')
) with (fillfactor = 90);
select clerk_sync.take_over('clerk_sync.user_sessions', 'public');

alter table public.user_sessions enable row level security;
revoke all on table public.user_sessions from anon, authenticated, service_role;
grant select on table public.user_sessions to service_role;

create index if not exists user_sessions_user_external_id on public.user_sessions (user_external_id, created_at desc);

comment on table public.user_sessions is
  'Sign-ins, from Clerk''s session events. Clerk sends no event when a session expires: see expire_at. No IP address '
  'is kept.';
comment on column public.user_sessions.id is 'Our own key.';
comment on column public.user_sessions.external_id is 'Clerk session id, sess_….';
comment on column public.user_sessions.user_external_id is
  'Clerk user id; no foreign key, for a session may arrive before its user and outlives it.';
comment on column public.user_sessions.client_id is 'Clerk client id, client_…: one browser or device.';
comment on column public.user_sessions.actor_external_id is
  'Clerk id of who signed in as the user (impersonation); null: the user did.';
comment on column public.user_sessions.status is
  'Clerk''s word: active, pending, ended, removed, revoked. Also revoked: it was over because its user was deleted, banned '
  'or deprovisioned, of which Clerk sends no event of the session''s own.';
comment on column public.user_sessions.device is 'Device type where sent, as desktop.';
comment on column public.user_sessions.browser is 'Browser name where sent.';
comment on column public.user_sessions.city is 'City where sent.';
comment on column public.user_sessions.country is 'Country where sent.';
comment on column public.user_sessions.created_at is 'When the user signed in.';
comment on column public.user_sessions.last_active_at is 'Last activity that an event told of.';
comment on column public.user_sessions.expire_at is 'When the session expires by itself.';
comment on column public.user_sessions.ended_at is
  'When it ended, was removed or was revoked, or its user was deleted or last seen banned or deprovisioned; null while it '
  'may be in use.';
comment on column public.user_sessions.updated_at is 'Clerk''s updated_at of what is stored.';

create table clerk_sync.session_register (
  external_id clerk_sync.id primary key,
  version clerk_sync.version not null default row(0, '-infinity', '-infinity', ''),
  activity_version clerk_sync.version not null default row(0, '-infinity', '-infinity', '')
) with (fillfactor = 90);

alter table clerk_sync.session_register enable row level security;

comment on table clerk_sync.session_register is 'The version of each session that public.user_sessions shows.';
comment on column clerk_sync.session_register.external_id is 'Clerk session id.';
comment on column clerk_sync.session_register.version is
  'Version of the row; a session that is over outranks one that is not.';
comment on column clerk_sync.session_register.activity_version is
  'Version of the newest state that told of device, browser, city or country: the events that end a session leave '
  'them out.';
