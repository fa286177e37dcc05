import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { median, openDatabase, sum } from "../measuring.ts";
import type { Part, PartResult, RunOptions, Target } from "../part.ts";
import { fill } from "./fill.ts";
import { RIVALS } from "./rivals.ts";
import { CLIENTS, measureRivals, requirePgbench, UPSERT } from "./sql.ts";
import { changesOf, measureWrites } from "./writes.ts";

const FULL = { sizes: [10_000, 1_000_000, 10_000_000], rounds: 3, seconds: 10, writes: 200 };
const QUICK = { sizes: [1_000, 2_000], rounds: 1, seconds: 1, writes: 5 };

const GROWN = ["upsert_user", "upsert_org_with_owner", "set_membership"];

/** At the largest size, of the transactions a second at the smallest. */
const LIMIT = 0.85;

/** The RPCs on users chosen evenly among ever more of them, and what an event writes then. */
export const growth: Part = {
  title: "Each RPC as users and ledger grow, and what an event writes",
  run,
};

/** By group and name: a number for each size. */
type Numbers = Record<string, Record<string, number[]>>;

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  requirePgbench();
  const { sizes, rounds, seconds, writes } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using db = openDatabase(stack.env.DB_URL, signal);
  await using superuser = openDatabase(stack.superuserUrl, signal);

  const rates: Numbers = {};
  const ratios: Numbers = {};
  const rows: Numbers = {};
  const wal: Numbers = {};
  const put = (numbers: Numbers, group: string, name: string, value: number) =>
    ((numbers[group] ??= {})[name] ??= []).push(value);
  let from = 0;
  for (const users of sizes) {
    note(`filling in up to ${users} users, and as many events …`);
    await fill(superuser, { from, to: users, signal });
    from = users;
    for (const { name, ...rivals } of RIVALS.filter(({ name }) => GROWN.includes(name))) {
      note(`${name} among ${users} …`);
      const options = { dbUrl: stack.env.DB_URL, users, seconds, seed, signal };
      const { ours, bare } = await measureRivals({ ...rivals, least: undefined }, rounds, options);
      put(rates, name, "ours", ours.tps);
      put(rates, name, UPSERT, bare.tps);
      put(ratios, `ours to the ${UPSERT}`, name, ours.ratio);
    }
    for (const [name, calls] of Object.entries(changesOf(users, writes, seed))) {
      const written = await measureWrites(db, calls);
      const bytes = written.map(({ walBytes }) => walBytes);
      put(rows, "rows", name, sum(written.map(({ rows }) => rows)) / written.length);
      put(wal, "WAL, median", name, median(bytes));
      put(wal, "WAL, mean", name, sum(bytes) / bytes.length);
    }
  }

  const ends = `${sizes.at(-1)!.toLocaleString("en")} users to ${sizes[0]!.toLocaleString("en")}`;
  const targets = Object.entries(rates).map(([name, rivals]): Target => {
    const kept = (rival: string) => rivals[rival]!.at(-1)! / rivals[rival]![0]!;
    return {
      name: `${name}, ${ends}`,
      value: kept("ours"),
      limit: { atLeast: LIMIT },
      bound: { name: UPSERT, value: kept(UPSERT) },
    };
  });
  const along = { of: "users", numbers: sizes };
  const settings = { users: sizes.join(", "), clients: CLIENTS, rounds, "seconds each": seconds };
  return {
    settings,
    measures: [
      { unit: "transactions/s", along, groups: rates },
      { unit: "", along, groups: ratios },
      { unit: "rows/event", along, groups: rows },
      { unit: "bytes/event", along, groups: wal },
    ],
    targets,
  };
}
