import type { Sql } from "postgres";
import { KIND_NAMES, type KindName } from "../../../scripts/clerk/kinds.ts";
import { mapKinds, type Seconds, secondsOf } from "./rates.ts";

/** The tables that the app sees, once more: with all their indexes and constraints. */
const COPIES = `
  create schema bare;
  create table bare.users (like public.users including all);
  create table bare.organizations (like public.organizations including all);
  create table bare.organization_members (
    like public.organization_members including all,
    foreign key (organization_id) references bare.organizations (id),
    foreign key (user_id) references bare.users (id)
  );
`;

const TABLES: Record<KindName, string> = {
  users: "users",
  organizations: "organizations",
  memberships: "organization_members",
};

/**
 * The least that writing the same rows can take: a plain insert from JSON into copies of the tables, without registers and
 * without rules, so many rows a statement. The rows are those that the tables hold.
 */
export async function measureBareInserts(sql: Sql, rowsAtOnce: number): Promise<Seconds> {
  const seconds = mapKinds(() => NaN);
  await sql.unsafe(COPIES).simple();
  await sql`checkpoint`;
  for (const kind of KIND_NAMES) {
    const pages = await readPages(sql, TABLES[kind], rowsAtOnce);
    const table = `bare.${TABLES[kind]}`;
    const insert = `
      insert into ${table}
      select * from jsonb_populate_recordset(null::${table}, $1::text::jsonb)
    `;
    seconds[kind] = await secondsOf(async () => {
      for (const page of pages) await sql.unsafe(insert, [page], { prepare: true });
    });
  }
  await sql.unsafe("drop schema bare cascade");
  return seconds;
}

async function readPages(sql: Sql, table: string, rowsAtOnce: number): Promise<string[]> {
  const pages = await sql<{ page: string }[]>`
    select jsonb_agg(row order by n)::text as page
    from (
      select to_jsonb(r) as row, row_number() over () as n
      from ${sql(`public.${table}`)} r
    ) numbered
    group by (n - 1) / ${rowsAtOnce}::bigint
    order by min(n)
  `;
  return pages.map(({ page }) => page);
}
