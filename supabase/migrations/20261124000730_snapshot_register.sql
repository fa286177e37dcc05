-- Rule 1 for objects that are nothing but their newest snapshot: subscription items and invitations. They have no tombstone,
-- for their end is a state, and no stubs, for nothing refers to them. So one register serves all kinds, by Clerk id.

create table clerk_sync.snapshot_register (
  external_id clerk_sync.id primary key,
  version clerk_sync.version not null
) with (fillfactor = 90);

alter table clerk_sync.snapshot_register enable row level security;

comment on table clerk_sync.snapshot_register is
  'The version of each subscription item and each invitation that the tables in public show.';
comment on column clerk_sync.snapshot_register.external_id is 'Clerk id: csub_item_…, orginv_….';
comment on column clerk_sync.snapshot_register.version is
  'Version of the newest snapshot. An invitation that is answered outranks one that is pending.';
