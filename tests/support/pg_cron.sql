-- What pg_cron puts into a database, as far as the sync can see it: the table and the function with their names and types, and
-- whom they belong to. Nobody is granted anything.
create schema cron;

create table cron.job (
  jobid bigint primary key generated always as identity,
  schedule text not null,
  command text not null,
  username text not null default session_user,
  active boolean not null default true,
  jobname text,
  unique (jobname, username)
);
alter table cron.job enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);

create function cron.schedule(job_name text, schedule text, command text)
returns bigint
language sql
security definer
as $$
  insert into cron.job (jobname, schedule, command)
  values (job_name, schedule, command)
  on conflict (jobname, username) do update
  set schedule = excluded.schedule,
      command = excluded.command
  returning jobid;
$$;
revoke execute on function cron.schedule(text, text, text) from public;
