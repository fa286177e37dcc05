/**
 * Fills a stack's database: users with an event each in the ledger, an organization for every ten of them, a membership of
 * each, and all registers. Nothing is left out that the RPCs would leave, but it takes seconds where they take hours.
 */
import type { Sql } from "postgres";
import { work } from "../../../scripts/converge/schedule.ts";

/** Members of each organization; the first of them created it. */
export const MEMBERS_OF_EACH = 10;

/** Ids are as long as Clerk's, and in the order of age like those. */
const TAG = "3A9fXq2LkVn8RtYw4Cz";
const DIGITS = 8;

const PREFIXES = {
  user: `user_${TAG}`,
  organization: `org_${TAG}`,
  /** The membership of the user with the same number. */
  membership: `orgmem_${TAG}`,
  /** The svix-id of the event that told of the user with the same number. */
  event: `msg_${TAG}`,
  /** What the user with the same number pays for. */
  item: `csub_item_${TAG}`,
  /** An invitation to the organization with the same number. */
  invitation: `orginv_${TAG}`,
};

type FilledKind = keyof typeof PREFIXES;

/** The id of one of them; the first has the number 1. */
export function filledId(kind: FilledKind, number: number): string {
  return PREFIXES[kind] + String(number).padStart(DIGITS, "0");
}

/** The number of the organization whose member a user is. */
export function organizationOf(user: number): number {
  return Math.ceil(user / MEMBERS_OF_EACH);
}

/** The same id as an expression of SQL, of an expression for the number. */
export function filledIdSql(kind: FilledKind, number: string): string {
  return `'${PREFIXES[kind]}' || lpad(cast(${number} as text), ${DIGITS}, '0')`;
}

/**
 * When every filled membership began, in UTC. Clerk never changes it: an event that told of another time would move the
 * membership within an index.
 */
export const JOINED_AT = "2026-01-01";

const PLACE = `ceil(i / ${MEMBERS_OF_EACH}.0)::int`;

/** Of each user, or of the first of each organization. */
const facts = (step: number) => `
  from generate_series($1::int, $2::int, ${step}) i
  cross join lateral (
    select date_trunc('milliseconds', $3::timestamptz + (i - $1::int) * $4::float8 * interval '1 millisecond')
  ) first (at)
  cross join lateral (
    select
      md5('user ' || i)::uuid as user_id,
      ${filledIdSql("user", "i")} as user_external_id,
      ${filledIdSql("event", "i")} as event_id,
      md5('organization ' || ${PLACE})::uuid as organization_id,
      ${filledIdSql("organization", PLACE)} as organization_external_id,
      ${filledIdSql("membership", "i")} as membership_external_id,
      ${filledIdSql("item", "i")} as item_external_id,
      ${filledIdSql("invitation", PLACE)} as invitation_external_id,
      i % ${MEMBERS_OF_EACH} = 1 as is_creator,
      at + interval '18 milliseconds' as changed_at,
      at + interval '40 milliseconds' as event_at,
      at + interval '300 milliseconds' as received_at
  ) fact`;

const OF_USERS = facts(1);
const OF_ORGANIZATIONS = facts(MEMBERS_OF_EACH);

/** A state that was read from Clerk's API. */
const READ_VERSION = "row(3, changed_at, changed_at, '')::clerk_sync.version";

/**
 * The rows of each table, columns first, as the RPCs would leave them: users by their events, the rest as a backfill writes it.
 * $1 and $2: numbers of the first user and of the last one; $3: when the first signed up; $4: milliseconds between two.
 */
export const FILLED_TABLES: Readonly<Record<string, string>> = {
  "public.users": `
    (id, external_id, email, full_name, avatar_url, created_at, updated_at)
    select user_id, user_external_id, 'user' || i || '@example.com', 'User ' || i,
      'https://img.clerk.com/preview.png?size=144&seed=' || i, at, changed_at
    ${OF_USERS}`,
  "public.public_user_data": `
    (id, external_id, email, full_name, avatar_url)
    select user_id, user_external_id, 'user' || i || '@example.com', 'User ' || i,
      'https://img.clerk.com/preview.png?size=144&seed=' || i
    ${OF_USERS}`,
  "clerk_sync.user_register": `
    (external_id, version)
    select user_external_id, row(3, changed_at, event_at, event_id)::clerk_sync.version
    ${OF_USERS}`,
  "clerk_sync.events": `
    (
      event_id, event_type, object_id, user_external_id, event_at, first_received_at, last_received_at, outcome,
      outcome_at, apply_us, effect
    )
    select event_id, 'user.created', user_external_id, user_external_id, event_at, received_at, received_at, 'applied',
      received_at, 3000 + i % 4000, 'created'
    ${OF_USERS}`,
  "public.organizations": `
    (id, external_id, name, slug, logo_url, created_by, created_at, updated_at)
    select organization_id, organization_external_id, 'Organization ' || ${PLACE}, 'organization-' || ${PLACE},
      'https://img.clerk.com/preview.png?size=144&seed=o' || ${PLACE}, user_external_id, at, changed_at
    ${OF_ORGANIZATIONS}`,
  "clerk_sync.organization_register": `
    (external_id, version, claimed_slug, creator_version)
    select organization_external_id, ${READ_VERSION}, 'organization-' || ${PLACE}, ${READ_VERSION}
    ${OF_ORGANIZATIONS}`,
  "public.organization_members": `
    (
      id, organization_id, user_id, role, joined_at, external_id, clerk_role, updated_at
    )
    select md5('membership ' || i)::uuid, organization_id, user_id,
      case when is_creator then 'owner' else 'member' end, '${JOINED_AT}', membership_external_id,
      case when is_creator then 'org:admin' else 'org:member' end, changed_at
    ${OF_USERS}`,
  "clerk_sync.membership_register": `
    (
      external_id, organization_external_id, user_external_id, joined_at, version, clerk_role
    )
    select membership_external_id, organization_external_id, user_external_id, '${JOINED_AT}', ${READ_VERSION},
      case when is_creator then 'org:admin' else 'org:member' end
    ${OF_USERS}`,
  "public.subscriptions": `
    (external_id, user_external_id, organization_external_id, plan, status, period_start, created_at, updated_at)
    select item_external_id, case when not is_creator then user_external_id end,
      case when is_creator then organization_external_id end, 'free', 'active', at, at, changed_at
    ${OF_USERS}`,
  "public.organization_invitations": `
    (
      external_id, organization_external_id, email, role, clerk_role, status, inviter_external_id, created_at, updated_at
    )
    select invitation_external_id, organization_external_id, 'invited' || i || '@example.com', 'member', 'org:member',
      'pending', user_external_id, at, changed_at
    ${OF_ORGANIZATIONS}`,
  "clerk_sync.snapshot_register": `
    (external_id, version)
    select item_external_id, ${READ_VERSION}
    ${OF_USERS}
    union all
    select invitation_external_id, ${READ_VERSION}
    ${OF_USERS}
    where is_creator`,
};

/** Which users. */
export interface FillOptions {
  /** So many are there from an earlier fill. */
  from?: number;
  /** So many there are afterwards. */
  to: number;
  signal?: AbortSignal | undefined;
}

/** Tables at once, where there are as many connections: one for each core of a small machine. */
export const FILL_CONNECTIONS = 2;

const BATCH = 250_000;

const VACUUM_TRIES = 50;

/** They signed up evenly over so many milliseconds up to now. */
const SPAN_MS = 90 * 86_400_000;

/**
 * Inserts everything, and leaves tables and indexes as autovacuum would after a while. Nobody else may write meanwhile; when
 * it fails, the database is of no further use.
 */
export async function fill(sql: Sql, options: FillOptions): Promise<void> {
  const names = Object.keys(FILLED_TABLES);
  // Not ready, an index is not written to; nothing is dropped, so that building it again restores it exactly.
  await sql`
    update pg_index
    set indisready = false, indisvalid = false
    where indrelid = any(${names}::regclass[])
  `;
  await insertRows(sql, options);
  await work(names, FILL_CONNECTIONS, async (name) => {
    options.signal?.throwIfAborted();
    await vacuum(sql, name);
    await reindex(sql, name);
  });
  // What is measured afterwards is not to wait for what is still to be written of this.
  await sql`checkpoint`;
}

/** Leaves a table as autovacuum would: again, while a transaction that began before keeps some page from being visible to all. */
export async function vacuum(sql: Sql, table: string): Promise<void> {
  for (let tries = 0; tries < VACUUM_TRIES; tries++) {
    await sql.unsafe(`vacuum (analyze, buffer_usage_limit 0) ${table}`);
    const [row] = await sql`
      select relallvisible = relpages as is_done from pg_class where oid = ${table}::regclass
    `;
    if (row?.is_done) return;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error(`a transaction that does not end keeps ${table} from being vacuumed`);
}

async function reindex(sql: Sql, table: string): Promise<void> {
  await sql.begin(async (sql) => {
    await sql`set local maintenance_work_mem = '1GB'`;
    await sql.unsafe(`reindex table ${table}`);
  });
}

/** Inserts everything, and no more than that. */
export async function insertRows(sql: Sql, { from = 0, to, signal }: FillOptions): Promise<void> {
  if (from % MEMBERS_OF_EACH !== 0 || to % MEMBERS_OF_EACH !== 0) {
    throw new RangeError(`users come by ${MEMBERS_OF_EACH}, an organization's members`);
  }
  const stepMs = SPAN_MS / (to - from);
  const beginsAt = Date.now() - SPAN_MS;
  const firsts = Array.from({ length: Math.ceil((to - from) / BATCH) }, (_, n) => from + n * BATCH);
  const batches = Object.entries(FILLED_TABLES).flatMap(([table, rows]) =>
    firsts.map((first) => {
      const at = new Date(beginsAt + (first - from) * stepMs);
      return {
        insert: `insert into ${table} ${rows}`,
        values: [first + 1, Math.min(first + BATCH, to), at, stepMs],
      };
    })
  );
  await work(batches, FILL_CONNECTIONS, async ({ insert, values }) => {
    signal?.throwIfAborted();
    await sql.begin(async (sql) => {
      // Whom a row refers to may come later: the triggers of foreign keys are off.
      await sql`set local session_replication_role = replica`;
      await sql`set local synchronous_commit = off`;
      await sql.unsafe(insert, values);
    });
  });
}

/** Numbers from 1 to `max` that depend on the seed alone (mulberry32). */
export function randomNumbers(seed: number, count: number, max: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return 1 + ((mixed ^ (mixed >>> 14)) >>> 0) % max;
  });
}
