-- A sign-in ends with its user, of which Clerk sends no event of the session's own. When, is a function of what the registers
-- hold, so that no order of arrival shows: of the deletion, and of the latest time that the user was seen barred. Whoever is
-- unbanned signs in anew.

create function clerk_sync.end_sessions(
  p_user_external_id text,
  p_external_id text default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update public.user_sessions
  set status = 'revoked',
      ended_at = over.ended_at
  from (
    select s.id, least(u.deleted_at, case when s.created_at <= u.barred_at then u.barred_at end) as ended_at
    from public.user_sessions s
    join clerk_sync.session_register r on r.external_id = s.external_id
    join clerk_sync.user_register u on u.external_id = s.user_external_id
    where s.user_external_id = p_user_external_id
      and (p_external_id is null or s.external_id = p_external_id)
      -- An end of its own stays.
      and (r.version).rank < 4
  ) over
  where user_sessions.id = over.id
    and user_sessions.ended_at is distinct from over.ended_at;
end;
$$;

revoke execute on function clerk_sync.end_sessions(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.end_sessions(text, text) is
  'Ends the sign-ins of a user who was deleted, banned or deprovisioned, or with p_external_id that one alone; those that '
  'began after the ban stay. The caller holds the user''s lock, or that of the session and shares the user''s.';

create function clerk_sync.bar_user(
  p_external_id text,
  p_barred_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update clerk_sync.user_register
  set barred_at = p_barred_at
  where external_id = p_external_id
    and (barred_at is null or barred_at < p_barred_at);
  if found then
    perform clerk_sync.end_sessions(p_external_id);
  end if;
end;
$$;

revoke execute on function clerk_sync.bar_user(text, timestamptz)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.bar_user(text, timestamptz) is
  'Remembers when a user was seen banned or deprovisioned, the latest time, and ends what was signed in by then. The caller '
  'holds the user''s lock.';
