import type { Sql } from "postgres";
import { openDatabase } from "../open_database.ts";
import type { Part, PartResult, RunOptions, Target } from "../part.ts";
import { figuresOf } from "./figures.ts";
import { startLoad } from "./load_process.ts";
import { startProject } from "./project.ts";
import { measureRounds, type Sample, type Size } from "./rounds.ts";
import { countWrongRows } from "./same_rows.ts";

const FULL: Size = { rounds: 5, concurrencies: [1, 8, 32], stories: 150 };
const QUICK: Size = { rounds: 1, concurrencies: [1, 8], stories: 5 };

/** Deliveries through the local stack, beside what nobody gets below and what tutorials do. */
export const endToEnd: Part = {
  name: "end-to-end",
  title: "Signed deliveries through the stack, beside one no-op RPC and a tutorial's handler",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  const size = isQuick ? QUICK : FULL;
  note("starting a stack with the floor and the reference …");
  await using stack = await startProject(signal);
  await using load = startLoad();
  await using sql = openDatabase(stack.env.DB_URL, signal);
  const ground = { stack, load, signal };

  note("warming up …");
  const once = { ...size, rounds: 1, concurrencies: size.concurrencies.slice(-1) };
  const warmUp = await measureRounds(once, { ...ground, seed: `${seed}/0`, note: () => {} });
  const samples = await measureRounds(size, { ...ground, seed: String(seed), note });
  note("comparing the rows …");
  const { measures, targets } = figuresOf(samples);
  const { rounds, concurrencies, stories } = size;
  return {
    settings: {
      rounds,
      "at once": concurrencies.join(", "),
      "events of each type in a round, at each concurrency": stories,
    },
    measures,
    targets: [...targets, ...await correctness(sql, [...warmUp, ...samples], stories)],
  };
}

/** Fast is nothing if it is not right: every answer, the ledger, and each row beside the reference's. */
async function correctness(sql: Sql, samples: Sample[], stories: number): Promise<Target[]> {
  const wrongAnswers = samples.flatMap(({ answers }) => Object.entries(answers))
    .filter(([answer]) => answer !== "200 applied")
    .reduce((sum, [, count]) => sum + count, 0);
  const ours = samples.filter(({ handler }) => handler === "ours");
  const delivered = ours.length * stories;
  const told = ours.filter(({ type }) => type === "user.created").length * stories;
  const wrongRows = await countWrongRows(sql, {
    users: told,
    organizations: told,
    organization_members: told * 2,
    user_sessions: told,
  });
  const [ledger] = await sql`
    select count(*)::integer as applied from clerk_sync.events where outcome = 'applied'
  `;
  const none = { unit: "", limit: { atMost: 0 } };
  return [
    { name: "answers other than 200 applied", value: wrongAnswers, ...none },
    { name: "events that the ledger lacks", value: delivered - ledger!.applied, ...none },
    { name: "rows that are not the reference's", value: wrongRows, ...none },
  ];
}
