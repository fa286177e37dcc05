import { deepEqual, ok } from "node:assert/strict";
import type { ReservedSql, Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { median, msOf, openDatabase, percentile } from "../measuring.ts";
import type { Part, PartResult, RunOptions } from "../part.ts";
import { randomNumbers, vacuum } from "../rpcs/fill.ts";
import { type Comparison, COMPARISONS, PERMISSION } from "./queries.ts";

/** Memberships are those of each user. */
const FULL = { users: 100_000, organizations: 10_000, memberships: 10, repeat: 200 };
const QUICK = { users: 1_000, organizations: 100, memberships: 10, repeat: 20 };

/** Of the first comparison, which is what an app asks most. */
const LIMIT = 1.5;

/** Of what a policy costs that asks for a permission too. */
const PERMISSION_LIMIT = 1.05;

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
  note(`${PERMISSION.name} …`);
  await loadInvoices(superuser, users);
  const permission = await measurePermission(sql, users);
  const [[first, times]] = Object.entries(groups) as [[string, Record<string, number>]];
  return {
    settings: { ...size, memberships, "times each": repeat },
    measures: [
      { unit: "ms", groups },
      { unit: "ms", groups: { [PERMISSION.name]: permission } },
    ],
    targets: [{
      name: `${first}: policies beside by hand`,
      value: times.policies! / times["by hand"]!,
      limit: { atMost: LIMIT },
    }, {
      name: `${PERMISSION.name}: a policy with has_permission beside the same without`,
      value: permission["with has_permission"]! / permission.without!,
      limit: { atMost: PERMISSION_LIMIT },
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
  const [through, hand] = await inTurns(users, askThrough, askByHand);
  return {
    "policies": median(through),
    "policies p95": percentile(through, 95),
    "by hand": median(hand),
    "by hand p95": percentile(hand, 95),
  };
}

/** How many milliseconds each user's question took one way and the other. */
async function inTurns(
  users: string[],
  askOne: Ask,
  askOther: Ask,
): Promise<[one: number[], other: number[]]> {
  const one: number[] = [];
  const other: number[] = [];
  for (const [turn, user] of users.entries()) {
    // Who asks first finds the pages that the other then has in memory.
    if (turn % 2 === 0) one.push((await askOne(user)).ms);
    other.push((await askOther(user)).ms);
    if (turn % 2 === 1) one.push((await askOne(user)).ms);
  }
  return [one, other];
}

/** Makes the two tables of invoices. */
async function loadInvoices(sql: Sql, users: string[]): Promise<void> {
  const script = await Deno.readTextFile(new URL("invoices.sql", import.meta.url));
  const array = `'{${users.join()}}'::text[]`;
  await sql.begin((sql) => sql.unsafe(script.replaceAll(":users", array)).simple());
  for (const table of ["invoices", "permitted_invoices"]) await vacuum(sql, `public.${table}`);
}

/** Asks for each user's invoices by both policies, with a token of where the user is an admin. */
async function measurePermission(
  sql: ReservedSql,
  users: string[],
): Promise<Record<string, number>> {
  const rows = await sql<{ user: string; organization: string }[]>`
    select u.external_id as user, o.external_id as organization
    from public.organization_members m
    join public.users u on u.id = m.user_id
    join public.organizations o on o.id = m.organization_id
    where m.role = 'admin' and u.external_id = any (${users})`;
  const organizations = new Map(rows.map(({ user, organization }) => [user, organization]));
  const askBy = (query: string): Ask => (user) =>
    ask(sql, "authenticated", user, query, [], {
      fea: "o:invoices,o:reports,u:chat",
      pla: "o:pro",
      o: { id: organizations.get(user), rol: "admin", per: "read,manage,export", fpm: "7,1" },
    });
  const [askWith, askWithout] = [askBy(PERMISSION.with), askBy(PERMISSION.without)];
  for (const user of users.slice(0, 10)) {
    const [permitted, all] = [await askWith(user), await askWithout(user)];
    ok(all.body.length > 0);
    deepEqual(sorted(permitted.body), sorted(all.body));
  }
  const [permitted, all] = await inTurns(users, askWith, askWithout);
  return {
    "with has_permission": median(permitted),
    "with has_permission p95": percentile(permitted, 95),
    "without": median(all),
    "without p95": percentile(all, 95),
  };
}

/** How long a user's question takes, and what is answered. */
type Ask = (user: string) => Promise<{ ms: number; body: unknown[] }>;

/** In a transaction of its own with role and claims, as PostgREST opens one for a request. It leaves nothing behind. */
async function ask(
  sql: ReservedSql,
  role: string,
  user: string,
  query: string,
  parameters: string[],
  others: Record<string, unknown> = {},
): ReturnType<Ask> {
  const claims = JSON.stringify({ sub: user, role, sid: "sess_1", v: 2, sts: "active", ...others });
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
