import type { ReservedSql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { openDatabase } from "../measuring.ts";
import type { Part, PartResult, RunOptions, Target } from "../part.ts";
import { randomNumbers } from "../rpcs/fill.ts";
import { type Ask, asking, inTurns, ratio, summary } from "./asking.ts";
import { measurePermission } from "./permission.ts";
import { type Comparison, COMPARISONS } from "./queries.ts";
import { runScript } from "./run_script.ts";
import { measureTasks } from "./tasks.ts";

/** Memberships are those of each user, who has a thousand colleagues. */
const FULL = { users: 100_000, organizations: 10_000, memberships: 10, repeat: 200 };
const QUICK = { users: 1_000, organizations: 100, memberships: 10, repeat: 20 };

const TABLES = ["users", "public_user_data", "organizations", "organization_members"];

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
  await runScript(superuser, "crowd.sql", size, TABLES);
  const [counted] = await superuser`
    select count(*)::int as memberships from public.organization_members`;
  const sql = await pool.reserve();
  const users = randomNumbers(seed, repeat, size.users).map((number) => `user_${number}`);
  const groups: Record<string, Record<string, number>> = {};
  const targets: Target[] = [];
  for (const comparison of COMPARISONS) {
    note(`${comparison.name} …`);
    const times = await measure(sql, comparison, users);
    groups[comparison.name] = summary(times);
    targets.push(...targetsOf(comparison, times));
  }
  note("invoices …");
  const permission = await measurePermission(sql, superuser, users);
  note("tasks …");
  const tasks = await measureTasks(sql, superuser, { isQuick, repeat });
  return {
    settings: { ...size, memberships: counted!.memberships, "times each": repeat },
    measures: [groups, permission.groups, tasks.groups].map((groups) => ({ unit: "ms", groups })),
    targets: [...targets, ...permission.targets, ...tasks.targets],
  };
}

/** By the ways of asking, how many milliseconds each user's question took. */
type Times = { policies: number[]; "by hand": number[]; "row by row"?: number[] };

function measure(sql: ReservedSql, comparison: Comparison, users: string[]): Promise<Times> {
  const { throughPolicies, byHand, rowByRow } = comparison;
  const askByHand = (query: string): Ask =>
    asking(sql, { role: "service_role", query, namesUser: true });
  const ways = {
    "policies": asking(sql, { role: "authenticated", query: throughPolicies }),
    "by hand": askByHand(byHand),
  };
  return inTurns(users, rowByRow ? { ...ways, "row by row": askByHand(rowByRow) } : ways);
}

function targetsOf({ name, limit }: Comparison, times: Times): Target[] {
  if (limit === undefined) return [];
  const rowByRow = times["row by row"];
  return [{
    name: `${name}: policies beside by hand`,
    value: ratio(times.policies, times["by hand"]),
    limit: { atMost: limit },
    ...(rowByRow && {
      bound: { name: "each row asked by hand", value: ratio(rowByRow, times["by hand"]) },
    }),
  }];
}
