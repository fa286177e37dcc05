-- RPC for an event that will never succeed: somebody says so, and nothing waits for it any longer.

create function public.sync_close_event(
  p_event_id text
)
returns text
language plpgsql
volatile
security definer -- writes clerk_sync, which no other role may reach
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- by key, always: a plan that was made while the tables were empty would go on reading them whole
as $$
begin
  update clerk_sync.events
  set outcome = 'closed',
      outcome_at = clock_timestamp()
  where event_id = p_event_id
    and outcome in ('failed', 'rejected');
  if found then
    return 'closed';
  end if;

  return case
    when exists (select from clerk_sync.events where event_id = p_event_id) then 'not_open'
    else 'unknown'
  end;
end;
$$;

revoke execute on function public.sync_close_event(text)
  from public, anon, authenticated;
grant execute on function public.sync_close_event(text)
  to service_role;

comment on function public.sync_close_event(text) is
  'Closes an event that failed or was rejected: it counts as open no more, and keeps its error; access that it kept closed goes '
  'by the rows again. A later delivery may still '
  'apply it; one that fails again leaves it closed. Returns closed; not_open: it is settled, ignored or closed already, and '
  'stays so; unknown: the ledger has no such event. Safe to repeat. For service_role only.';
