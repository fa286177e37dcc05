import type { Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { median, openDatabase, sum } from "../measuring.ts";
import type { Part, PartResult, RunOptions, Target } from "../part.ts";
import { fill, FILL_CONNECTIONS } from "./fill.ts";
import {
  CLIENTS,
  createSameWrites,
  measureRivals,
  type PgbenchOptions,
  requirePgbench,
} from "./pgbench.ts";
import { BOUNDED, type Draw, rivalsOf } from "./rivals.ts";
import { SAME_WRITES } from "./sql.ts";
import { changesOf, measureWrites } from "./writes.ts";

const FULL = { sizes: [10_000, 10_000_000], rounds: 3, seconds: 4, writes: 200 };
const QUICK = { sizes: [1_000, 2_000], rounds: 1, seconds: 1, writes: 5 };

/** In words, and at the largest size what must be reached of the transactions a second at the smallest. */
const DRAWN: Record<Draw, { words: string; atLeast?: number }> = {
  zipf: { words: "drawn by Zipf's law", atLeast: 0.85 },
  // Nearly every event is then the first to touch its pages after a checkpoint, and PostgreSQL logs those whole.
  even: { words: "drawn evenly" },
};

/** The RPCs among ever more users, and what an event writes then. */
export const growth: Part = {
  title:
    "RPCs by pgbench as users and ledger grow, beside a function that writes the same rows without any rule",
  run,
};

/** By group and name: a number for each size. */
type Numbers = Record<string, Record<string, number[]>>;

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  requirePgbench();
  const { sizes, rounds, seconds, writes } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using db = openDatabase(stack.env.DB_URL, signal);
  await using superuser = openDatabase(stack.superuserUrl, signal, FILL_CONNECTIONS);
  await createSameWrites(db);

  const numbers: Record<"rates" | "rows" | "wal", Numbers> = { rates: {}, rows: {}, wal: {} };
  let from = 0;
  for (const users of sizes) {
    note(`filling in up to ${users} users, and as many events …`);
    await fill(superuser, { from, to: users, signal });
    from = users;
    const options = { dbUrl: stack.env.DB_URL, users, seconds, seed, signal };
    await measureRates(numbers.rates, rounds, options, note);
    await measureAmounts(numbers, db, changesOf(users, writes, seed));
  }

  const along = { of: "users", numbers: sizes };
  return {
    settings: { users: sizes.join(", "), clients: CLIENTS, rounds, "seconds each": seconds },
    measures: [
      { unit: "transactions/s", along, groups: numbers.rates },
      { unit: "rows/event", along, groups: numbers.rows },
      { unit: "bytes/event", along, groups: numbers.wal },
    ],
    targets: targetsOf(numbers.rates, sizes),
  };
}

async function measureRates(
  rates: Numbers,
  rounds: number,
  options: PgbenchOptions,
  note: RunOptions["note"],
): Promise<void> {
  for (const draw of ["zipf", "even"] as const) {
    for (const rivals of rivalsOf(draw).filter(({ name }) => BOUNDED.includes(name))) {
      note(`${rivals.name} among ${options.users} users, ${DRAWN[draw].words} …`);
      const { ours, sameWrites } = await measureRivals(rivals, rounds, options);
      const group = groupOf(rivals.name, draw);
      put(rates, group, "ours", ours);
      put(rates, group, SAME_WRITES, sameWrites!);
    }
  }
}

async function measureAmounts(
  { rows, wal }: Record<"rows" | "wal", Numbers>,
  db: Sql,
  changes: ReturnType<typeof changesOf>,
): Promise<void> {
  for (const [name, calls] of Object.entries(changes)) {
    const written = await measureWrites(db, calls);
    const bytes = written.map(({ walBytes }) => walBytes);
    put(rows, "rows", name, sum(written.map(({ rows }) => rows)) / written.length);
    put(wal, "WAL, median", name, median(bytes));
    put(wal, "WAL, mean", name, sum(bytes) / bytes.length);
  }
}

function put(numbers: Numbers, group: string, name: string, value: number): void {
  ((numbers[group] ??= {})[name] ??= []).push(value);
}

function groupOf(name: string, draw: Draw): string {
  return `${name}, ${draw === "zipf" ? "Zipf" : "even"}`;
}

function targetsOf(rates: Numbers, sizes: number[]): Target[] {
  const [most, least] = [sizes.at(-1)!, sizes[0]!].map((size) => size.toLocaleString("en"));
  return (["zipf", "even"] as const).flatMap((draw) =>
    BOUNDED.map((name): Target => {
      const rivals = rates[groupOf(name, draw)]!;
      const kept = (rival: string) => rivals[rival]!.at(-1)! / rivals[rival]![0]!;
      const { words, atLeast } = DRAWN[draw];
      return {
        name: `${name}: transactions/s among ${most} ÷ among ${least} users, ${words}`,
        value: kept("ours"),
        ...atLeast === undefined ? {} : { limit: { atLeast } },
        bound: { name: SAME_WRITES, value: kept(SAME_WRITES) },
      };
    })
  );
}
