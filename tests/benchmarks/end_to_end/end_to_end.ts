import type { Sql } from "postgres";
import { openDatabase, sum } from "../measuring.ts";
import type { Part, PartResult, RunOptions, Target } from "../part.ts";
import { figuresOf } from "./figures.ts";
import { startLoad } from "./load.ts";
import { startNetwork } from "./network.ts";
import { startProject } from "./project.ts";
import { type Condition, measureRounds, type Sample, type Size } from "./rounds.ts";
import { countWrongRows } from "./rows.ts";

const FULL: Size = {
  rounds: 4,
  conditions: [
    { networkMs: 0, concurrency: 1, stories: 50 },
    { networkMs: 0, concurrency: 8, stories: 100 },
    { networkMs: 0, concurrency: 32, stories: 160 },
    { networkMs: 1, concurrency: 1, stories: 30 },
    { networkMs: 1, concurrency: 32, stories: 96 },
    { networkMs: 5, concurrency: 1, stories: 25 },
    { networkMs: 5, concurrency: 32, stories: 96 },
  ],
};

const QUICK: Size = {
  rounds: 1,
  conditions: FULL.conditions.map((condition) => ({ ...condition, stories: 2 })),
};

/** Deliveries through the local stack, beside what nobody gets below and what people write by hand. */
export const endToEnd: Part = {
  title: "Signed deliveries through the local stack, beside a function that calls an RPC which " +
    "does nothing (floor), a tutorial's handler (looks up, then writes) and the best common one (upserts)",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  const size = isQuick ? QUICK : FULL;
  note("starting a stack with the floor and the references …");
  await using network = await startNetwork();
  await using stack = await startProject({
    handlers: ["floor", "tutorial", "upsert"],
    network,
    signal,
  });
  await using load = startLoad();
  await using sql = openDatabase(stack.env.DB_URL, signal);
  const ground = { stack, load, network, signal };

  note("warming up …");
  const once = { rounds: 1, conditions: [size.conditions[2]!] };
  const warmUp = await measureRounds(once, { ...ground, seed: `${seed}/0`, note: () => {} });
  const samples = await measureRounds(size, { ...ground, seed: String(seed), note });
  note("comparing the rows …");
  const { targets, ...figures } = figuresOf(samples);
  return {
    settings: {
      rounds: size.rounds,
      "events of each type in a round": size.conditions.map(told).join(", "),
    },
    ...figures,
    targets: [...targets, ...await correctness(sql, [...warmUp, ...samples])],
  };
}

function told({ networkMs, concurrency, stories }: Condition): string {
  return `${stories} (${concurrency} at once over ${networkMs} ms)`;
}

/** Fast is nothing if it is not right: every answer, the ledger, and each row beside both references'. */
async function correctness(sql: Sql, samples: Sample[]): Promise<Target[]> {
  const wrongAnswers = samples.flatMap(({ answers }) => Object.entries(answers))
    .filter(([answer]) => answer !== "200 applied");
  const ours = samples.filter(({ handler }) => handler === "ours");
  const delivered = sum(ours.map(({ ms }) => ms.length));
  const users = ours.filter(({ type }) => type === "user.created");
  const told = sum(users.map(({ ms }) => ms.length));
  const expected = {
    users: told,
    organizations: told,
    organization_members: told * 2,
    user_sessions: told,
  };
  const wrongRows = await countWrongRows(sql, "tutorial", expected) +
    await countWrongRows(sql, "upsert", expected);
  const [ledger] = await sql`
    select count(*)::integer as applied from clerk_sync.events where outcome = 'applied'
  `;
  const none = { limit: { atMost: 0 } };
  return [
    {
      name: "answers other than 200 applied",
      value: sum(wrongAnswers.map(([, count]) => count)),
      ...none,
    },
    { name: "events that the ledger lacks", value: delivered - ledger!.applied, ...none },
    { name: "rows that are not those of tutorial and upsert", value: wrongRows, ...none },
  ];
}
