import type { Sql } from "postgres";

const TABLES =
  "public.users, public.public_user_data, public.organizations, public.organization_members";

/** How many there are. */
export interface CrowdSize {
  users: number;
  organizations: number;
  /** Of each user. */
  memberships: number;
}

/** Fills the tables, and leaves them as autovacuum would after a while. Returns the number of memberships. */
export async function loadCrowd(sql: Sql, size: CrowdSize): Promise<number> {
  const file = new URL("crowd.sql", import.meta.url);
  const script = Object.entries(size).reduce(
    (text, [name, number]) => text.replaceAll(`:${name}`, String(number)),
    await Deno.readTextFile(file),
  );
  await sql.begin((sql) => sql.unsafe(script).simple());
  await vacuum(sql);
  const [row] = await sql`select count(*)::int as count from public.organization_members`;
  return row!.count;
}

/** Until every page is marked as visible to all, index-only scans would still look at the rows. */
async function vacuum(sql: Sql): Promise<void> {
  for (;;) {
    await sql.unsafe(`vacuum (analyze) ${TABLES}`);
    const [row] = await sql`
      select bool_and(relallvisible = relpages) as is_done
      from pg_class
      where oid = any (${`{${TABLES}}`}::regclass[])
    `;
    if (row?.is_done) return;
    await new Promise((wake) => setTimeout(wake, 200));
  }
}
