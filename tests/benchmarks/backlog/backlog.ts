import type { Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { peakMemoryMb } from "../memory.ts";
import { openDatabase } from "../open_database.ts";
import type { Measure, Part, PartResult, RunOptions, Target } from "../part.ts";
import { findStackProcesses } from "../stack_processes.ts";
import { judgeAll } from "./judge_all.ts";
import type { Progress } from "./replay.ts";
import { replay } from "./replay_process.ts";
import { watchPostgres } from "./watch_postgres.ts";

const FULL = { events: 100_000, concurrency: 64 };
const QUICK = { events: 500, concurrency: 64 };

/** The function's own limit on deliveries a second would set the pace: the highest there is. */
const NO_LIMIT = { RATE_LIMIT_VERIFIED_PER_SECOND: "999999" };

const NOTE_EVERY_S = 10;

/** What was held back while the endpoint was down arrives all at once, and in any order. */
export const backlog: Part = {
  name: "backlog",
  title: "Events that queued up while the endpoint was down, replayed through the stack",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  const { events, concurrency } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack(NO_LIMIT);
  await using sql = openDatabase(stack.env.DB_URL, signal);
  using postgres = watchPostgres();

  const drained = await replay(
    { seed, events, concurrency, endpoint: stack.env },
    (progress) => {
      if (Math.floor(progress.seconds) % NOTE_EVERY_S === 0) note(describe(progress, events));
    },
    signal,
  );
  note(describe(drained, events));
  const memory = await peaksOf(await postgres.peakMb());
  note("comparing the rows with the model …");
  return {
    settings: { events, "at once": concurrency, ...NO_LIMIT },
    measures: [
      { group: "replay", name: "time", value: drained.seconds, unit: "s" },
      { group: "replay", name: "rate", value: events / drained.seconds, unit: "events/s" },
      ...memory,
    ],
    targets: await targetsOf(sql, { seed, events }, drained),
  };
}

function describe({ answers, seconds }: Progress, events: number): string {
  const accepted = sum(answers, (answer) => answer.startsWith("200 "));
  return `${accepted} of ${events} in ${Math.round(seconds)} s: ${JSON.stringify(answers)}`;
}

/** Most that each had in RAM since it started, and PostgreSQL while events arrived. */
async function peaksOf(postgresMb: number): Promise<Measure[]> {
  const { functions, dataApi } = await findStackProcesses();
  const peaks = {
    function: peakMemoryMb(functions["clerk-webhook"]!),
    "Data API": peakMemoryMb(dataApi),
    PostgreSQL: postgresMb,
  };
  return Object.entries(peaks)
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => ({ group: "highest memory", name, value, unit: "MB" }));
}

async function targetsOf(
  sql: Sql,
  backlog: { seed: number; events: number },
  { answers }: Progress,
): Promise<Target[]> {
  const [ledger] = await sql`
    select
      count(*)::integer as events,
      coalesce(sum(attempts), 0)::integer as attempts,
      count(*) filter (where outcome = 'applied')::integer as applied,
      count(*) filter (where outcome = 'stale')::integer as stale
    from clerk_sync.events
  `;
  const judged = await judgeAll(sql, backlog);
  const { "200 applied": applied = 0, "200 stale": stale = 0 } = answers;
  const off = Math.abs(ledger!.events - backlog.events) +
    Math.abs(ledger!.applied - applied) + Math.abs(ledger!.stale - stale);
  const none = { unit: "", limit: { atMost: 0 } };
  return [
    {
      name: "error answers",
      value: sum(answers, (answer) => !answer.startsWith("200 ")),
      ...none,
    },
    {
      name: "events that the ledger lacks, or tells otherwise than they were answered",
      value: off,
      ...none,
    },
    {
      name: `of ${judged.histories} histories, ended otherwise than by the model`,
      value: judged.wrong,
      ...none,
    },
  ];
}

function sum(answers: Progress["answers"], isMeant: (answer: string) => boolean): number {
  return Object.entries(answers)
    .filter(([answer]) => isMeant(answer))
    .reduce((total, [, count]) => total + count, 0);
}
