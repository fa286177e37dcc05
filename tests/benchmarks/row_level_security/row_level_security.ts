import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { openDatabase } from "../open_database.ts";
import type { Measure, Part, PartResult, RunOptions } from "../part.ts";
import { loadCrowd } from "./crowd.ts";
import { measure, type Measured } from "./measure.ts";
import { COMPARISONS } from "./queries.ts";
import { randomNumbers } from "./random.ts";

const FULL = { users: 100_000, organizations: 10_000, memberships: 10, repeat: 200 };
const QUICK = { users: 1_000, organizations: 100, memberships: 10, repeat: 20 };

/** Of the first comparison, which is what an app asks most. */
const LIMIT = 1.5;

/** What row level security costs. */
export const rowLevelSecurity: Part = {
  name: "row-level-security",
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
  const measured: Measured[] = [];
  for (const comparison of COMPARISONS) {
    note(`${comparison.name} …`);
    measured.push(await measure(sql, comparison, users));
  }
  const [first] = measured;
  return {
    settings: { ...size, memberships, "times each": repeat },
    measures: measured.flatMap(measuresOf),
    targets: [{
      name: `${first!.name}: policies beside by hand`,
      value: first!.ratio,
      unit: "",
      limit: { atMost: LIMIT },
    }],
  };
}

function measuresOf({ name, throughPolicies, byHand }: Measured): Measure[] {
  const ms = (who: string, value: number) => ({ group: name, name: who, value, unit: "ms" });
  return [
    ms("policies", throughPolicies.median),
    ms("policies p95", throughPolicies.p95),
    ms("by hand", byHand.median),
    ms("by hand p95", byHand.p95),
  ];
}
