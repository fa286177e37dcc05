-- delete_org: the row stays and says since when the organization is gone; its slug is free again.
begin;
set local search_path = public, extensions;
select plan(11);

select public.upsert_org_with_owner(
  'org_a', 'Acme', 'acme-tap', p_updated_at => '2026-01-01', p_event_at => '2026-01-01'
);

select is(
  public.delete_org('org_a', p_event_at => '2026-01-03'),
  'applied',
  'the delete of a living organization is applied'
);

select results_eq(
  $$ select name, slug, deleted_at from public.organizations where external_id = 'org_a' $$,
  $$ values ('Acme'::varchar, null::varchar, '2026-01-03'::timestamptz) $$,
  'the row stays, without slug, deleted at the time in the event'
);

select lives_ok(
  $$ select public.upsert_org_with_owner('org_b', 'B', 'acme-tap', p_updated_at => '2026-01-02') $$,
  'another organization may take the slug'
);

select is(
  (select external_id from public.organizations where slug = 'acme-tap'),
  'org_b',
  'the slug belongs to the organization that took it'
);

select is(
  public.delete_org('org_a', p_event_at => '2026-01-04'),
  'stale',
  'a later delete of a deleted organization is stale'
);

select is(
  public.delete_org('org_a', p_event_at => '2026-01-02'),
  'applied',
  'an earlier delete of a deleted organization is applied'
);

select is(
  (select deleted_at from public.organizations where external_id = 'org_a'),
  '2026-01-02',
  'of several deletes the earliest time stays'
);

select is(
  public.delete_org('org_c', p_event_at => '2026-01-03'),
  'applied',
  'the delete of an organization that was never seen is remembered'
);

select is_empty(
  $$ select from public.organizations where external_id = 'org_c' $$,
  'the delete of an organization that was never seen makes no row'
);

select throws_ok(call, code, null, what)
from (
  values
    ($$ select public.delete_org(null) $$, '23502', 'a missing id is refused'),
    ($$ select public.delete_org('') $$, '23514', 'an empty id is refused')
) as refused (call, code, what);

select * from finish();
rollback;
