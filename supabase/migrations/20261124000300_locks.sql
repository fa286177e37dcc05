-- Rule 8: locks are taken in one order everywhere, so that concurrent deliveries can't deadlock:
--   the event's row in the ledger, generation, user, organizations (by id), slugs (by name), membership.
--   A session is locked alone.
-- Advisory locks, because the row of an object need not exist yet, and because membership events may share the user
-- and the organization. All of them end with the transaction.

create function clerk_sync.lock(
  p_kind text,
  p_id text
)
returns void
language sql
volatile
set search_path = ''
as $$
  select pg_advisory_xact_lock(hashtextextended(p_kind || ':' || p_id, 0));
$$;

revoke execute on function clerk_sync.lock(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock(text, text) is
  'Holds one object for this transaction alone. p_kind: generation (an orgmem_ id), user, organization, slug, '
  'membership (the ids of organization and user with a colon between) or session. A null id locks nothing.';

create function clerk_sync.lock_shared(
  p_kind text,
  p_id text
)
returns void
language sql
volatile
set search_path = ''
as $$
  select pg_advisory_xact_lock_shared(hashtextextended(p_kind || ':' || p_id, 0));
$$;

revoke execute on function clerk_sync.lock_shared(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock_shared(text, text) is
  'Keeps one object from changing while this transaction reads it; others may share it. Kinds and ids as in lock.';
