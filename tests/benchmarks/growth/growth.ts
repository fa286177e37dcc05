import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { openDatabase } from "../open_database.ts";
import type { Measure, Part, PartResult, RunOptions, Target } from "../part.ts";
import { percentile } from "../percentile.ts";
import { measureRivals, type RivalsMeasured } from "../sql/measure_rivals.ts";
import { requirePgbench } from "../sql/pgbench.ts";
import { RIVALS } from "../sql/rivals.ts";
import { changesOf } from "./changes.ts";
import { fill } from "./fill.ts";
import { measureWrites } from "./write_amplification.ts";

const FULL = { sizes: [10_000, 1_000_000, 10_000_000], rounds: 3, seconds: 10, writes: 200 };
const QUICK = { sizes: [1_000, 2_000], rounds: 1, seconds: 1, writes: 5 };

const CLIENTS = 8;

const GROWN = ["upsert_user", "upsert_org_with_owner", "set_membership"];

/** At the largest size, of the transactions a second at the smallest. */
const LIMIT = 0.85;

/** The RPCs on users chosen evenly among ever more of them, and what an event writes then. */
export const growth: Part = {
  name: "growth",
  title: "Each RPC as users and ledger grow, and what an event writes",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  requirePgbench();
  const { sizes, rounds, seconds, writes } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using db = openDatabase(stack.env.DB_URL, signal);
  await using superuser = openDatabase(stack.superuserUrl, signal);

  const measures: Measure[] = [];
  const measured = new Map<string, RivalsMeasured[]>();
  let from = 0;
  for (const users of sizes) {
    note(`filling in up to ${users} users, and as many events …`);
    await fill(superuser, { from, to: users, signal });
    from = users;
    const group = (name: string) => `${name}, ${users.toLocaleString("en")} users`;
    for (const { name, ours, bare } of RIVALS.filter(({ name }) => GROWN.includes(name))) {
      signal.throwIfAborted();
      note(`${name} among ${users} …`);
      const rivals = await measureRivals({ ours, bare }, rounds, {
        dbUrl: stack.env.DB_URL,
        variables: { users },
        clients: CLIENTS,
        seconds,
        seed,
        signal,
      });
      measured.set(name, [...measured.get(name) ?? [], rivals]);
      const tps = { group: group(name), unit: "transactions/s" };
      measures.push(
        { ...tps, name: "ours", value: rivals.ours.tps },
        { ...tps, name: "bare upsert", value: rivals.bare.tps },
        { group: group(name), name: "ours to the bare upsert", value: rivals.ours.ratio, unit: "" },
      );
    }
    for (const [name, calls] of Object.entries(changesOf(users, writes, seed))) {
      const written = await measureWrites(db, calls);
      const mean = (of: (call: (typeof written)[number]) => number) =>
        written.reduce((sum, call) => sum + of(call), 0) / written.length;
      measures.push(
        { group: group(name), name: "rows", value: mean(({ rows }) => rows), unit: "rows/event" },
        {
          group: group(name),
          name: "WAL, median",
          value: percentile(written.map(({ walBytes }) => walBytes), 50),
          unit: "bytes/event",
        },
        {
          group: group(name),
          name: "WAL, mean",
          value: mean(({ walBytes }) => walBytes),
          unit: "bytes/event",
        },
      );
    }
  }

  const ends = `${sizes.at(-1)!.toLocaleString("en")} users to ${sizes[0]!.toLocaleString("en")}`;
  const targets = [...measured].map(([name, bySize]): Target => {
    const kept = (rival: "ours" | "bare") => bySize.at(-1)![rival].tps / bySize[0]![rival].tps;
    return {
      name: `${name}, ${ends}`,
      value: kept("ours"),
      unit: "",
      limit: { atLeast: LIMIT },
      bound: { name: "bare upsert", value: kept("bare") },
    };
  });
  return {
    settings: { users: sizes.join(", "), clients: CLIENTS, rounds, "seconds each": seconds },
    measures,
    targets,
  };
}
