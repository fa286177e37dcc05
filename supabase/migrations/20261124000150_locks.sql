-- Rule 8: locks are taken in one order everywhere, so that concurrent deliveries can't deadlock:
--   event, everything, generation, user, organizations (by id), slugs (by name), membership.
--   A session is locked after its user.
-- Advisory locks, because the row of an object need not exist yet, and because membership events may share the user
-- and the organization. All of them end with the transaction.
--
-- One `return` as its body makes a function a part of the plan of whoever calls it: a lock costs no call.

create function clerk_sync.lock(
  p_kind text,
  p_id text
)
returns void
language sql
volatile
return pg_advisory_xact_lock(hashtextextended(p_kind || ':' || p_id, 0));

revoke execute on function clerk_sync.lock(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock(text, text) is
  'Holds one object for this transaction alone. p_kind: event (a svix-id), generation (an orgmem_ id), user, organization, slug, '
  'membership (the ids of organization and user with a colon between) or session. A null id locks nothing.';

create function clerk_sync.lock_shared(
  p_kind text,
  p_id text
)
returns void
language sql
volatile
return pg_advisory_xact_lock_shared(hashtextextended(p_kind || ':' || p_id, 0));

revoke execute on function clerk_sync.lock_shared(text, text)
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock_shared(text, text) is
  'Keeps one object from changing while this transaction reads it; others may share it. Kinds and ids as in lock.';

-- A page of objects is not locked one by one: the server holds some thousand locks for all transactions together, and
-- whoever needs one more fails. Instead every single call shares one lock, and a page takes it alone.
create function clerk_sync.lock_everything()
returns void
language sql
volatile
return clerk_sync.lock('everything', '');

revoke execute on function clerk_sync.lock_everything()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock_everything() is
  'Holds every user, organization and membership for this transaction alone: the one lock of a call for a whole page. '
  'Single calls wait for its end, some milliseconds.';

create function clerk_sync.lock_something()
returns void
language sql
volatile
return clerk_sync.lock_shared('everything', '');

revoke execute on function clerk_sync.lock_something()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.lock_something() is
  'Announces that single objects are about to be locked: waits for a call that holds everything, and keeps the next '
  'one waiting.';
