import type { Sql } from "postgres";
import { HOST } from "./ports.ts";

/** Who may do everything. Hosted that is Supabase itself, and what people log in as is not. */
export const SUPERUSER = "supabase_admin";

/** The roles that log in: the superuser, the migrations' owner, and the Data API. */
const LOGINS = [SUPERUSER, "postgres", "authenticator"] as const;

/** Something of each role that logs in. */
export type PerLogin = Record<typeof LOGINS[number], string>;

/** The address of a stack's database, for each role that logs in. */
export function loginUrls(port: number, passwords: PerLogin): PerLogin {
  const urls = LOGINS.map((login) => [
    login,
    `postgresql://${login}:${passwords[login]}@${HOST}:${port}/postgres`,
  ]);
  return Object.fromEntries(urls);
}

/** Gives a database, as its superuser, the roles, schemas and privileges of a Supabase database. */
export async function prepareDatabase(sql: Sql): Promise<void> {
  await sql.unsafe(Deno.readTextFileSync(new URL("roles.sql", import.meta.url))).simple();
}

/** Gives those that log in their passwords, but for the superuser, who came with one. */
export async function setPasswords(sql: Sql, passwords: PerLogin): Promise<void> {
  for (const login of LOGINS.filter((login) => login !== SUPERUSER)) {
    await sql.begin(async (transaction) => {
      // Whatever may go wrong, the statement is not to be read in the server's log.
      await transaction`set local log_min_error_statement = panic`;
      const [row] = await transaction`
        select format('alter role %I password %L', ${login}::text, ${
        passwords[login]
      }::text) as text`;
      await transaction.unsafe(row!.text);
    });
  }
}
