-- What people see of each other. Row level security hides rows and not columns, and whatever an app adds to users is nobody
-- else's business: what is shared is a table of its own, with these columns and no others. Foreign keys lead to it, so the
-- Data API embeds it.

create table clerk_sync.public_user_data (
  id uuid primary key,
  external_id varchar not null,
  full_name varchar,
  avatar_url varchar,
  username varchar,
  email varchar not null,
  constraint public_user_data_user_exists foreign key (id) references public.users (id) on delete cascade
) with (fillfactor = 90);
select clerk_sync.take_over('clerk_sync.public_user_data', 'public');

alter table public.public_user_data enable row level security;
revoke all on table public.public_user_data from anon, authenticated, service_role;
grant select on table public.public_user_data to service_role;

comment on table public.public_user_data is
  'What a member of an organization sees of the others: columns of users, under Clerk''s name for it. Follows users by a '
  'trigger; nothing else writes it.';
comment on column public.public_user_data.id is 'Of users.';
comment on column public.public_user_data.external_id is 'Clerk user id, user_….';
comment on column public.public_user_data.full_name is 'As in users.';
comment on column public.public_user_data.avatar_url is 'As in users.';
comment on column public.public_user_data.username is 'As in users.';
comment on column public.public_user_data.email is 'As in users.';

create function clerk_sync.share_user()
returns trigger
language plpgsql
volatile
security definer -- who may write users needs no right to write what is shared of them
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'UPDATE' and (
    (old.external_id, old.full_name, old.avatar_url, old.username, old.email)
    is not distinct from (new.external_id, new.full_name, new.avatar_url, new.username, new.email)
  ) then
    return null;
  end if;

  insert into public.public_user_data (id, external_id, full_name, avatar_url, username, email)
  values (new.id, new.external_id, new.full_name, new.avatar_url, new.username, new.email)
  on conflict (id) do update
  set external_id = excluded.external_id,
      full_name = excluded.full_name,
      avatar_url = excluded.avatar_url,
      username = excluded.username,
      email = excluded.email;
  return null;
end;
$$;

revoke execute on function clerk_sync.share_user()
  from public, anon, authenticated, service_role;

comment on function clerk_sync.share_user() is
  'Writes what is shared of a user, where it changed. Asked here and not in the trigger''s condition, so that an app may change '
  'the type of a column.';

create trigger what_is_shared_follows
  after insert or update on public.users
  for each row
  execute function clerk_sync.share_user();

comment on trigger what_is_shared_follows on public.users is 'Each user has a row in public_user_data.';

-- Those who were there before.
insert into public.public_user_data (id, external_id, full_name, avatar_url, username, email)
select id, external_id, full_name, avatar_url, username, email
from public.users
on conflict (id) do nothing;
