import postgres, { type Sql } from "postgres";

/** Does something in a database as its superuser, whose address is a stack's `superuserUrl`. */
export async function asSuperuser(
  superuserUrl: string,
  run: (sql: Sql) => PromiseLike<unknown>,
): Promise<void> {
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => {} });
  try {
    await run(sql);
  } finally {
    await sql.end();
  }
}
