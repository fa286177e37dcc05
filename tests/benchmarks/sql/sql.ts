import { join } from "node:path";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { fill } from "../growth/fill.ts";
import { openDatabase } from "../open_database.ts";
import type { Measure, Part, PartResult, RunOptions, Target } from "../part.ts";
import { measureRivals } from "./measure_rivals.ts";
import { requirePgbench } from "./pgbench.ts";
import { RIVALS } from "./rivals.ts";

const FULL = { users: 10_000, rounds: 5, seconds: 4 };
const QUICK = { users: 1_000, rounds: 1, seconds: 1 };

const CLIENTS = 8;

/** What each must reach of the bare upsert's transactions a second. */
const LIMITS: Record<string, number> = {
  upsert_user: 0.9,
  upsert_org_with_owner: 0.6,
  set_membership: 0.6,
};

/** As people read them. */
const NAMES = {
  ours: "ours",
  bare: "bare upsert",
  rows: "its rows, bare",
  least: "least function",
};

/** Each RPC by pgbench beside a bare upsert of the same columns, in the same database, every commit written to disk. */
export const sql: Part = {
  name: "sql",
  title: "Each RPC beside a bare upsert of the same columns",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  requirePgbench();
  const { users, rounds, seconds } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using db = openDatabase(stack.env.DB_URL, signal);
  await using superuser = openDatabase(stack.superuserUrl, signal);
  note(`filling in ${users} users …`);
  await fill(superuser, { to: users, signal });
  await db.unsafe(await Deno.readTextFile(join(import.meta.dirname!, "least.sql")));

  const measures: Measure[] = [];
  const targets: Target[] = [];
  for (const rivals of RIVALS) {
    signal.throwIfAborted();
    note(`${rivals.name} …`);
    const measured = await measureRivals(rivals, rounds, {
      dbUrl: stack.env.DB_URL,
      variables: { users },
      clients: CLIENTS,
      seconds,
      seed,
      signal,
    });
    const group = rivals.name;
    for (const [key, name] of Object.entries(NAMES)) {
      const rival = measured[key as keyof typeof NAMES];
      if (rival) measures.push({ group, name, value: rival.tps, unit: "transactions/s" });
    }
    const { ours, least } = measured;
    measures.push({ group, name: "ours to the bare upsert", value: ours.ratio, unit: "" });
    const atLeast = LIMITS[rivals.name];
    if (atLeast) {
      targets.push({
        name: `${rivals.name} to the bare upsert`,
        value: ours.ratio,
        unit: "",
        limit: { atLeast },
        ...(least ? { bound: { name: NAMES.least, value: least.ratio } } : {}),
      });
    }
  }
  return {
    settings: { users, clients: CLIENTS, rounds, "seconds each": seconds },
    measures,
    targets,
  };
}
