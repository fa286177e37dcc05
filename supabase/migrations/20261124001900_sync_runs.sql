-- Backfills and drift checks: how far each came and what it found. Kept beside the rows that they speak of, so that an
-- emptied or restored database never believes in pages that it does not hold.

create table clerk_sync.runs (
  id uuid primary key,
  kind text not null,
  state jsonb not null,
  started_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint kind_is_known check (kind in ('backfill', 'drift'))
);

alter table clerk_sync.runs enable row level security;

create index runs_newest on clerk_sync.runs (kind, started_at desc);

comment on table clerk_sync.runs is 'One row a backfill or drift check.';
comment on column clerk_sync.runs.id is 'Chosen by the run.';
comment on column clerk_sync.runs.kind is 'backfill or drift.';
comment on column clerk_sync.runs.state is
  'Of a backfill the checkpoint, of a drift check what it found: counts and ids, no personal data.';
comment on column clerk_sync.runs.started_at is 'When it was first saved.';
comment on column clerk_sync.runs.updated_at is 'When it was last saved.';
comment on column clerk_sync.runs.finished_at is 'When it came to its end; null while it has not.';

create function public.sync_save_run(
  p_id uuid,
  p_kind text,
  p_state jsonb,
  p_is_finished boolean default false
)
returns void
language sql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
  insert into clerk_sync.runs as known (id, kind, state, finished_at)
  values (p_id, p_kind, p_state, case when p_is_finished then clock_timestamp() end)
  on conflict (id) do update
  set state = excluded.state,
      updated_at = excluded.updated_at,
      finished_at = excluded.finished_at;
$$;

revoke execute on function public.sync_save_run(uuid, text, jsonb, boolean)
  from public, anon, authenticated;
grant execute on function public.sync_save_run(uuid, text, jsonb, boolean)
  to service_role;

comment on function public.sync_save_run(uuid, text, jsonb, boolean) is
  'Saves how far a backfill or drift check came, under an id of its own choosing. p_state must hold no personal data. '
  'Safe to repeat. Raises 23502 for a missing argument, 23514 for another kind. For service_role only.';

create function public.sync_last_run(
  p_kind text
)
returns jsonb
language sql
stable
security definer -- reads clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
as $$
  select to_jsonb(r)
  from clerk_sync.runs r
  where kind = p_kind
  order by started_at desc
  limit 1;
$$;

revoke execute on function public.sync_last_run(text)
  from public, anon, authenticated;
grant execute on function public.sync_last_run(text)
  to service_role;

comment on function public.sync_last_run(text) is
  'The newest run of a kind, backfill or drift: {"id", "kind", "state", "started_at", "updated_at", "finished_at"}; null '
  'when there was none. For service_role only.';
