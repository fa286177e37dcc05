import { deepEqual } from "node:assert/strict";
import type { ReservedSql, Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { median, msOf, openDatabase, percentile } from "../measuring.ts";
import type { Part, PartResult, RunOptions } from "../part.ts";
import { randomNumbers, vacuum } from "../rpcs/fill.ts";
import { type Comparison, COMPARISONS } from "./queries.ts";

/** Memberships are those of each user. */
const FULL = { users: 100_000, organizations: 10_000, memberships: 10, repeat: 200 };
const QUICK = { users: 1_000, organizations: 100, memberships: 10, repeat: 20 };

/** Of the first comparison, which is what an app asks most. */
const LIMIT = 1.5;

/** What row level security costs. */
export const rowLevelSecurity: Part = {
  title: "An app's questions through row level security, beside the same by hand",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  const { repeat, ...size } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using pool = openDatabase(stack.env.DB_URL, signal);
  await using superuser = openDatabase(stack.superuserUrl, signal);
  note("loading …");
  const memberships = await loadCrowd(superuser, size);
  const sql = await pool.reserve();
  const users = randomNumbers(seed, repeat, size.users).map((number) => `user_${number}`);
  const groups: Record<string, Record<string, number>> = {};
  for (const comparison of COMPARISONS) {
    note(`${comparison.name} …`);
    groups[comparison.name] = await measure(sql, comparison, users);
  }
  const [[first, times]] = Object.entries(groups) as [[string, Record<string, number>]];
  return {
    settings: { ...size, memberships, "times each": repeat },
    measures: [{ unit: "ms", groups }],
    targets: [{
      name: `${first}: policies beside by hand`,
      value: times.policies! / times["by hand"]!,
      limit: { atMost: LIMIT },
    }],
  };
}

const TABLES = ["users", "public_user_data", "organizations", "organization_members"];

/** Fills the tables, and leaves them as autovacuum would after a while. Returns the number of memberships. */
async function loadCrowd(sql: Sql, size: Omit<typeof FULL, "repeat">): Promise<number> {
  const script = Object.entries(size).reduce(
    (text, [name, number]) => text.replaceAll(`:${name}`, String(number)),
    await Deno.readTextFile(new URL("crowd.sql", import.meta.url)),
  );
  await sql.begin((sql) => sql.unsafe(script).simple());
  // Until every page is marked as visible to all, index-only scans would still look at the rows.
  for (const table of TABLES) await vacuum(sql, `public.${table}`);
  const [row] = await sql`select count(*)::int as count from public.organization_members`;
  return row!.count;
}

/** Asks each user's question both ways in turn, and checks that the answers are the same. */
async function measure(
  sql: ReservedSql,
  { throughPolicies, byHand }: Comparison,
  users: string[],
): Promise<Record<string, number>> {
  const askThrough = (user: string) => ask(sql, "authenticated", user, throughPolicies, []);
  const askByHand = (user: string) => ask(sql, "service_role", user, byHand, [user]);
  // The server plans a prepared statement anew for the first five times, then may keep a plan.
  for (const user of users.slice(0, 10)) {
    const [through, hand] = [await askThrough(user), await askByHand(user)];
    deepEqual(sorted(through.body), sorted(hand.body));
  }
  const through: number[] = [];
  const hand: number[] = [];
  for (const [turn, user] of users.entries()) {
    // Who asks first finds the pages that the other then has in memory.
    if (turn % 2 === 0) through.push((await askThrough(user)).ms);
    hand.push((await askByHand(user)).ms);
    if (turn % 2 === 1) through.push((await askThrough(user)).ms);
  }
  return {
    "policies": median(through),
    "policies p95": percentile(through, 95),
    "by hand": median(hand),
    "by hand p95": percentile(hand, 95),
  };
}

/** In a transaction of its own with role and claims, as PostgREST opens one for a request. It leaves nothing behind. */
async function ask(
  sql: ReservedSql,
  role: string,
  user: string,
  query: string,
  parameters: string[],
): Promise<{ ms: number; body: unknown[] }> {
  const claims = JSON.stringify({ sub: user, role, sid: "sess_1", v: 2, sts: "active" });
  await sql`begin`;
  await sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true)`;
  try {
    let body: unknown[] = [];
    const ms = await msOf(async () => {
      const [row] = await sql.unsafe(query, parameters, { prepare: true });
      body = row?.body ?? [];
    });
    return { ms, body };
  } finally {
    await sql`rollback`;
  }
}

/** The same whichever order the rows, and the members in them, came in. */
function sorted(body: unknown[]): string[] {
  return body.map((row) =>
    JSON.stringify(row, (_, value) => Array.isArray(value) ? sorted(value) : value)
  ).sort();
}
