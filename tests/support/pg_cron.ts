/** Makes what pg_cron puts into a database; PostgreSQL from npm has no such extension. */
export const PG_CRON = Deno.readTextFileSync(new URL("pg_cron.sql", import.meta.url));

/** What a hosted project grants to `postgres` when pg_cron is enabled. */
export const GRANT_PG_CRON = `
  grant usage on schema cron to postgres;
  grant execute on function cron.schedule(text, text, text) to postgres;
  grant select on cron.job to postgres;
`;
