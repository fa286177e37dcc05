import type { Sql } from "postgres";

/** What each table says: all but our own ids, for which Clerk's stand. */
const ROWS = {
  users: (schema: string) => `
    select to_jsonb(u) - 'id' from ${schema}.users u`,
  organizations: (schema: string) => `
    select to_jsonb(o) - 'id' from ${schema}.organizations o`,
  organization_members: (schema: string) => `
    select
      to_jsonb(m) - '{id,organization_id,user_id}'::text[]
        || jsonb_build_object('organization', o.external_id, 'user', u.external_id)
    from ${schema}.organization_members m
    join ${schema}.organizations o on o.id = m.organization_id
    join ${schema}.users u on u.id = m.user_id`,
  user_sessions: (schema: string) => `
    select to_jsonb(s) - 'id' from ${schema}.user_sessions s`,
};

/** How many rows of a table ought to be there. */
type Expected = Record<keyof typeof ROWS, number>;

/** Counts the rows that are missing, and those that are not the same in our tables and a reference's. */
export async function countWrongRows(
  sql: Sql,
  schema: string,
  expected: Expected,
): Promise<number> {
  let wrong = 0;
  for (const [table, rowsOf] of Object.entries(ROWS)) {
    const [ours, reference] = [rowsOf("public"), rowsOf(schema)];
    const [row] = await sql.unsafe(`
      with
        different as (
          (${ours} except ${reference})
          union all
          (${reference} except ${ours})
        )
      select
        (select count(*)::integer from public.${table}) as present,
        (select count(*)::integer from different) as different
    `);
    wrong += Math.abs(expected[table as keyof Expected] - row!.present) + row!.different;
  }
  return wrong;
}
