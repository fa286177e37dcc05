/**
 * What row level security costs: an app's questions through the policies, and the same by hand without them, in turn on one
 * connection of a stack of its own. Exit code 1 when the first takes more than 1.5 times as long.
 *
 *   node scripts/deno.mjs run -A tests/benchmarks/row_level_security.ts [--json] [--repeat N] [--seed N]
 *     [--users N] [--organizations N] [--memberships N]
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { integer } from "../../scripts/command/integer.ts";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";
import { loadCrowd } from "./row_level_security/crowd.ts";
import { explain, measure, type Measured } from "./row_level_security/measure.ts";
import { COMPARISONS } from "./row_level_security/queries.ts";
import { randomNumbers } from "./row_level_security/random.ts";

const LIMIT = 1.5;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    users: { type: "string", default: "100000" },
    organizations: { type: "string", default: "10000" },
    memberships: { type: "string", default: "10" },
    repeat: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const size = {
  users: integer("users", values.users, 1, 10_000_000),
  organizations: integer("organizations", values.organizations, 1, 10_000_000),
  memberships: integer("memberships", values.memberships, 1, 1000),
};
const repeat = integer("repeat", values.repeat, 1, 100_000);
const seed = integer("seed", values.seed, 0, 0x7fffffff);

async function run() {
  await using stack = await startTemporaryStack();
  const pool = postgres(stack.env.DB_URL, { max: 1, onnotice: () => {} });
  try {
    note("loading …");
    const memberships = await loadCrowd(pool, size);
    const sql = await pool.reserve();
    const users = randomNumbers(seed, repeat, size.users).map((number) => `user_${number}`);
    const measured: Measured[] = [];
    for (const comparison of COMPARISONS) {
      note(`${comparison.name} …`);
      measured.push(await measure(sql, comparison, users));
    }
    const plans = await explain(sql, COMPARISONS[0]!, users[0]!);
    const [server] = await sql`select current_setting('server_version') as version`;
    sql.release();
    const machine = `${cpus().length} × ${cpus()[0]?.model}, PostgreSQL ${server?.version}`;
    return { machine, size: { ...size, memberships }, repeat, seed, measured, plans };
  } finally {
    await pool.end();
  }
}

function note(text: string): void {
  console.error(text);
}

function format({ machine, size, measured, plans }: Awaited<ReturnType<typeof run>>): string {
  const ms = (value: number) => value.toFixed(2).padStart(9);
  const rows = measured.map(({ name, throughPolicies, byHand, ratio }) =>
    name.padEnd(48) + ms(throughPolicies.median) + ms(throughPolicies.p95) +
    ms(byHand.median) + ms(byHand.p95) + ratio.toFixed(2).padStart(8)
  );
  return [
    machine,
    `${size.users} users, ${size.organizations} organizations, ${size.memberships} memberships; ` +
    `${repeat} users of seed ${seed}`,
    "",
    `${"milliseconds".padEnd(48)} policies      p95  by hand      p95   ratio`,
    ...rows,
    "",
    `${COMPARISONS[0]!.name}, through policies:`,
    plans.throughPolicies,
    "",
    "by hand:",
    plans.byHand,
  ].join("\n");
}

const report = await run();
console.log(values.json ? JSON.stringify(report, null, 2) : format(report));
const [first] = report.measured;
Deno.exit(first && first.ratio <= LIMIT ? 0 : 1);
