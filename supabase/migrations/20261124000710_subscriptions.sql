-- What is paid for: one row a subscription item of Clerk Billing, which is one payer's plan for one run of periods.

create table clerk_sync.subscriptions (
  id uuid primary key default gen_random_uuid(),
  external_id varchar not null,
  subscription_external_id varchar,
  user_external_id varchar,
  organization_external_id varchar,
  plan varchar,
  plan_name varchar,
  status varchar not null,
  "interval" varchar,
  is_free_trial boolean not null default false,
  seats integer,
  period_start timestamptz,
  period_end timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint subscriptions_external_id_is_unique unique (external_id),
  constraint subscriptions_external_id_is_not_empty check (external_id <> ''),
  constraint subscriptions_have_one_payer check (num_nonnulls(user_external_id, organization_external_id) = 1)
) with (fillfactor = 90);
select clerk_sync.take_over('clerk_sync.subscriptions', 'public');

alter table public.subscriptions enable row level security;
revoke all on table public.subscriptions from anon, authenticated, service_role;
grant select on table public.subscriptions to service_role;

create index if not exists subscriptions_user_external_id on public.subscriptions (user_external_id)
  where user_external_id is not null;
create index if not exists subscriptions_organization_external_id on public.subscriptions (organization_external_id)
  where organization_external_id is not null;

comment on table public.subscriptions is
  'Subscription items of Clerk Billing: who pays for which plan. No amounts of money are kept. An item that has ended keeps its '
  'row: that is a state.';
comment on column public.subscriptions.id is 'Our own key.';
comment on column public.subscriptions.external_id is 'Clerk subscription item id, csub_item_….';
comment on column public.subscriptions.subscription_external_id is
  'Clerk subscription id, csub_…: all items of one payer share it. Null until told.';
comment on column public.subscriptions.user_external_id is
  'Clerk user id of the payer; no foreign key, for the item may arrive before its payer. Null: an organization pays.';
comment on column public.subscriptions.organization_external_id is
  'Clerk organization id of the payer; no foreign key, as of users. Null: a user pays.';
comment on column public.subscriptions.plan is 'Slug of the plan; null where Clerk names none.';
comment on column public.subscriptions.plan_name is 'Name of the plan, for people.';
comment on column public.subscriptions.status is
  'Clerk''s word: active, past_due, canceled (runs on to period_end), upcoming, ended, incomplete, abandoned.';
comment on column public.subscriptions."interval" is 'How long a period is: month or annual.';
comment on column public.subscriptions.is_free_trial is 'Whether this period is a free trial.';
comment on column public.subscriptions.seats is 'Seats that are paid for; null: unlimited, or not told.';
comment on column public.subscriptions.period_start is 'When the current period began, or will begin.';
comment on column public.subscriptions.period_end is 'When it ends; null for the default plan, which has no end.';
comment on column public.subscriptions.created_at is 'When it was created in Clerk.';
comment on column public.subscriptions.updated_at is 'Clerk''s updated_at of what is stored.';
