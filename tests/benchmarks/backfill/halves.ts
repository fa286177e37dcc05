import type { Sql } from "postgres";
import { type KindName, KINDS } from "../../../scripts/clerk/kinds.ts";
import { createThrottle, patientClerk } from "../../../scripts/clerk/patient_clerk.ts";
import { BEGINNING } from "../../../scripts/clerk/reading.ts";
import { noTraffic } from "../../../scripts/project/persist.ts";
import {
  type ClerkApi,
  createClerkApi,
  PAGE_LIMIT,
} from "../../../supabase/functions/_clerk_sync/clerk/api.ts";
import { WRITE } from "../../../supabase/functions/_clerk_sync/sync/database.ts";
import { by, msOf } from "../measuring.ts";

/** The kinds of which there are many. */
export const MEASURED = ["users", "organizations", "memberships"] as const satisfies KindName[];

type Measured = (typeof MEASURED)[number];

/** How many seconds each kind took. */
export type Seconds = Record<Measured, number>;

/** What a kind is made to, kind by kind. */
export function mapKinds<Value>(toValue: (kind: Measured) => Value): Record<Measured, Value> {
  return by(MEASURED, toValue);
}

/** Where Clerk answers, and the key that it takes. */
export interface Clerk {
  url: string;
  secretKey: string;
}

/** More requests in ten seconds than Clerk allows: it is the project's side that is measured. */
export const RATE = 10_000;

/** Pages that the command asks for at once. */
const CONCURRENCY = 4;

const CLERK_TIMEOUT_MS = 30_000;

/** What a backfill fills. */
const TABLES = [
  "public.users",
  "public.public_user_data",
  "public.organizations",
  "public.organization_members",
  "clerk_sync.user_register",
  "clerk_sync.organization_register",
  "clerk_sync.membership_register",
];

/**
 * The two halves of a backfill, each by itself: reading all pages from Clerk without writing them, and writing them by the
 * bulk RPCs on one connection, without HTTP. What is in the tables is emptied before.
 */
export async function measureHalves(
  sql: Sql,
  clerk: Clerk,
  signal: AbortSignal,
): Promise<{ reading: Seconds; writing: Seconds }> {
  const api = openClerk(clerk, signal);
  const [reading, writing] = [mapKinds(() => NaN), mapKinds(() => NaN)];
  await sql.unsafe(`truncate ${TABLES.join()}`);
  await sql`checkpoint`;
  for (const name of MEASURED) {
    const kind = KINDS.find((one) => one.name === name)!;
    const pages: string[] = [];
    reading[name] = await msOf(async () => {
      const read = kind.read(api, { limit: PAGE_LIMIT, concurrency: CONCURRENCY }, BEGINNING);
      for await (const { items } of read) pages.push(JSON.stringify(items));
    }) / 1000;
    writing[name] = await msOf(async () => {
      const call = `select public.${WRITE[kind.object]([]).name}($1::text::jsonb)`;
      for (const page of pages) await sql.unsafe(call, [page], { prepare: true });
    }) / 1000;
  }
  return { reading, writing };
}

function openClerk({ url, secretKey }: Clerk, signal: AbortSignal): ClerkApi {
  return patientClerk(
    createClerkApi({ apiUrl: url, secretKey, timeoutMs: CLERK_TIMEOUT_MS }),
    {
      throttle: createThrottle({ rate: RATE, concurrency: CONCURRENCY }),
      traffic: noTraffic(),
      onWait: () => {},
      signal,
    },
  );
}

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

const COPIED: Record<Measured, string> = {
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
  for (const kind of MEASURED) {
    const pages = await pagesOf(sql, COPIED[kind], rowsAtOnce);
    const table = `bare.${COPIED[kind]}`;
    const insert = `
      insert into ${table}
      select * from jsonb_populate_recordset(null::${table}, $1::text::jsonb)
    `;
    seconds[kind] = await msOf(async () => {
      for (const page of pages) await sql.unsafe(insert, [page], { prepare: true });
    }) / 1000;
  }
  await sql.unsafe("drop schema bare cascade");
  return seconds;
}

async function pagesOf(sql: Sql, table: string, rowsAtOnce: number): Promise<string[]> {
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
