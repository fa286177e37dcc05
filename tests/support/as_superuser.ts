import postgres, { type Sql } from "postgres";
import { loginUrl, SUPERUSER } from "../../scripts/stack/roles.ts";

/** Does something in a database as its superuser. */
export async function asSuperuser(
  dbUrl: string,
  run: (sql: Sql) => PromiseLike<unknown>,
): Promise<void> {
  const sql = postgres(loginUrl(dbUrl, SUPERUSER), { max: 1, onnotice: () => {} });
  try {
    await run(sql);
  } finally {
    await sql.end();
  }
}
