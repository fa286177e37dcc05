import type { Sql } from "postgres";
import { type Kind, KINDS } from "../../../scripts/clerk/kinds.ts";
import { createThrottle, patientClerk } from "../../../scripts/clerk/patient_clerk.ts";
import { BEGINNING } from "../../../scripts/clerk/reading.ts";
import { noTraffic } from "../../../scripts/project/persist.ts";
import {
  type ClerkApi,
  createClerkApi,
  PAGE_LIMIT,
} from "../../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { ClerkProcess } from "./clerk_process.ts";
import { RATE } from "./command.ts";
import { mapKinds, type Seconds, secondsOf } from "./rates.ts";

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
  clerk: ClerkProcess,
  signal: AbortSignal,
): Promise<{ reading: Seconds; writing: Seconds }> {
  const api = openClerk(clerk, signal);
  const [reading, writing] = [mapKinds(() => NaN), mapKinds(() => NaN)];
  await sql.unsafe(`truncate ${TABLES.join()}`);
  await sql`checkpoint`;
  for (const kind of KINDS) {
    const pages: string[] = [];
    reading[kind.name] = await secondsOf(async () => {
      for await (const page of readPages(api, kind)) pages.push(page);
    });
    writing[kind.name] = await secondsOf(async () => {
      for (const page of pages) await write(sql, kind, page);
    });
  }
  return { reading, writing };
}

function openClerk({ url, secretKey }: ClerkProcess, signal: AbortSignal): ClerkApi {
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

async function* readPages(clerk: ClerkApi, kind: Kind): AsyncGenerator<string> {
  const options = { limit: PAGE_LIMIT, concurrency: CONCURRENCY };
  for await (const { items } of kind.read(clerk, options, BEGINNING)) yield JSON.stringify(items);
}

async function write(sql: Sql, { rpcs }: Kind, page: string): Promise<void> {
  await sql.unsafe(`select public.${rpcs.write}($1::text::jsonb)`, [page], { prepare: true });
}
