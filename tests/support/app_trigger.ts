import type { Sql } from "postgres";

/** A trigger on the rows of one user alone, for other tests run beside these; at the commit where `isLate`. */
export async function hangOn(sql: Sql, user: string, body: string, isLate = false): Promise<void> {
  await sql.unsafe(`
    create schema if not exists app_refuses;
    create function app_refuses.${user}() returns trigger language plpgsql as $f$ begin ${body}; end $f$;
    create ${
    isLate ? "constraint" : ""
  } trigger refuses_${user} after insert or update on public.users
      ${isLate ? "deferrable initially deferred" : ""}
      for each row when (new.external_id = '${user}') execute function app_refuses.${user}();
  `);
}

/** Takes it away again. */
export async function drop(sql: Sql, user: string): Promise<void> {
  await sql.unsafe(`
    drop trigger refuses_${user} on public.users;
    drop function app_refuses.${user}();
  `);
}
