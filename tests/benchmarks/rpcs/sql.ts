import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { openDatabase } from "../measuring.ts";
import type { Measures, Part, PartResult, RunOptions, Target } from "../part.ts";
import { fill } from "./fill.ts";
import { CLIENTS, createSameWrites, measureRivals, requirePgbench } from "./pgbench.ts";
import { rivalsOf } from "./rivals.ts";

/** Those that are beside nothing are measured in fewer rounds. */
const FULL = { users: 10_000, rounds: 10, alone: 3, seconds: 2 };
const QUICK = { users: 1_000, rounds: 1, alone: 1, seconds: 1 };

/** Of the transactions a second that the same writes reach. */
const LIMIT = 0.85;

export const SAME_WRITES = "same writes";

/** Each RPC by pgbench beside the same writes without any rule, in the same database, every commit written to disk. */
export const sql: Part = {
  title:
    "RPCs by pgbench, beside a function that writes the same rows without any rule: no lock, no comparison, no decision",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  requirePgbench();
  const { users, rounds, alone, seconds } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using db = openDatabase(stack.env.DB_URL, signal);
  await using superuser = openDatabase(stack.superuserUrl, signal);
  note(`filling in ${users} users …`);
  await fill(superuser, { to: users, signal });
  await createSameWrites(db);

  const rates: Measures["groups"] = {};
  const targets: Target[] = [];
  for (const rivals of rivalsOf("even")) {
    const { name } = rivals;
    note(`${name} …`);
    const options = { dbUrl: stack.env.DB_URL, users, seconds, seed, signal };
    const times = rivals.sameWrites ? rounds : alone;
    const { ours, sameWrites, ratio } = await measureRivals(rivals, times, options);
    rates[name] = { ours, ...sameWrites === undefined ? {} : { [SAME_WRITES]: sameWrites } };
    if (ratio === undefined) continue;
    const limit = { atLeast: LIMIT };
    targets.push({
      name: `${name}: transactions/s ÷ the same writes without any rule`,
      value: ratio,
      limit,
    });
  }
  return {
    settings: { users, clients: CLIENTS, rounds, "seconds each": seconds },
    measures: [{ unit: "transactions/s", groups: rates }],
    targets,
  };
}
