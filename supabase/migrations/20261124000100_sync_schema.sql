-- The private schema of the sync: the event ledger, the registers and the rules. It is never exposed by the Data API.
--
-- Rule 8: locks are taken in one order everywhere, so that concurrent deliveries can't deadlock:
--   everything, event, generation, user, organizations (by id), slugs (by name), membership.
--   A session is locked after its user; a subscription item and an invitation after their user and organizations, by id, and not
--   by a lock of their own: the row of the register is one.
-- They are advisory locks, because the row of an object need not exist yet, and because membership events may share the user and
-- the organization; all end with the transaction. The key is the hash of the kind and the id with a colon between; of a
-- membership, the ids of organization and user, again with a colon between; of everything, it is empty. A null id locks nothing.
--
-- A page of objects is not locked one by one: the server holds some thousand locks for all transactions together, and whoever
-- needs one more fails. Instead every single call shares the lock named everything, and a page takes it alone.

create schema clerk_sync;

comment on schema clerk_sync is
  'Private to the sync: event ledger, version and tombstone registers, and the rules that make deliveries converge. '
  'Reached only through the RPCs in schema public, which run as its owner.';

revoke all on schema clerk_sync from public;
-- A project gives nothing by default: what the sync relies on is granted where it is made.
grant usage on schema public to authenticated, service_role;

create type public.sync_outcome as enum ('applied', 'duplicate', 'stale', 'ignored');

comment on type public.sync_outcome is
  'What a sync RPC did. applied: the call changed what is stored. duplicate: an event with this svix-id was settled '
  'before, nothing was done. stale: a newer state, or a deletion, is already here. ignored: the event is of another '
  'Clerk instance than the one that this project follows.';

-- A type and no check of a table: the server reads a table's checks anew in every statement that writes to it.
create domain clerk_sync.id as text
  constraint id_is_not_empty check (value <> '');

comment on domain clerk_sync.id is 'The id of an object in Clerk, or of an event.';

-- Rank comes first, so that what an object says of itself always beats what another object's event says of it. The
-- byte order of "C" makes the last tie-break the same on every server.
create type clerk_sync.version as (
  rank smallint,
  updated_at timestamptz,
  event_at timestamptz,
  event_id text collate "C"
);

comment on type clerk_sync.version is
  'Orders two states of one object: compared field by field, the greater wins.';
comment on column clerk_sync.version.rank is
  'How much the source knows: 0 nothing was seen, 1 only the id, 2 a stub carried by another object''s event, 3 the '
  'object''s own snapshot, 4 the snapshot of a session that is over.';
comment on column clerk_sync.version.updated_at is
  'Clerk''s data.updated_at; the event time where a hand-made call has none; -infinity below rank 3.';
comment on column clerk_sync.version.event_at is
  'The envelope''s timestamp. Decides between two changes of the same millisecond, and between two stubs.';
comment on column clerk_sync.version.event_id is
  'The svix-id, empty for a call by hand. The last tie-break.';
