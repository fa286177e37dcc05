import type { Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { judge } from "../../../scripts/converge/judge.ts";
import {
  findStackProcesses,
  NO_LIMIT,
  openDatabase,
  peakMemoryMb,
  sharedMemoryMb,
  sum,
} from "../measuring.ts";
import type { Part, PartResult, RunOptions, Target } from "../part.ts";
import { type Backlog, historiesOf, type Progress, replay } from "./replay.ts";

const FULL = { events: 100_000, concurrency: 64 };
const QUICK = { events: 500, concurrency: 64 };

const NOTE_EVERY_S = 10;
const LOOK_EVERY_MS = 2_000;

/** What was held back while the endpoint was down arrives all at once, and in any order. */
export const backlog: Part = {
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
      { unit: "s", groups: { replay: { time: drained.seconds } } },
      { unit: "events/s", groups: { replay: { rate: events / drained.seconds } } },
      { unit: "MB", groups: { "highest memory": memory } },
    ],
    targets: await targetsOf(sql, { seed, events }, drained),
  };
}

function describe({ answers, seconds }: Progress, events: number): string {
  const accepted = sum(Object.values(answers)) - refusalsIn(answers);
  return `${accepted} of ${events} in ${Math.round(seconds)} s: ${JSON.stringify(answers)}`;
}

/** Most that each had in RAM since it started, and PostgreSQL while events arrived. */
async function peaksOf(postgresMb: number): Promise<Record<string, number>> {
  const { functions, dataApi } = await findStackProcesses();
  const peaks = {
    function: peakMemoryMb(functions["clerk-webhook"]!),
    "Data API": peakMemoryMb(dataApi),
    PostgreSQL: postgresMb,
  };
  // Where there is no /proc nothing is known.
  return Object.fromEntries(Object.entries(peaks).filter(([, mb]) => Number.isFinite(mb)));
}

async function targetsOf(
  sql: Sql,
  backlog: Backlog,
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
  let histories = 0;
  let wrong = 0;
  for (const history of historiesOf(backlog)) {
    // Every event was accepted at its first delivery.
    const once = new Map(history.order.map(({ id }) => [id, { deliveries: 1, accepted: 1 }]));
    const { differences, ledger } = await judge(sql, history, once);
    histories++;
    if (differences.length + ledger.length > 0) wrong++;
  }
  const { "200 applied": applied = 0, "200 stale": stale = 0 } = answers;
  const off = Math.abs(ledger!.events - backlog.events) +
    Math.abs(ledger!.applied - applied) + Math.abs(ledger!.stale - stale);
  const none = { limit: { atMost: 0 } };
  return [
    { name: "error answers", value: refusalsIn(answers), ...none },
    {
      name: "events that the ledger lacks, or tells otherwise than they were answered",
      value: off,
      ...none,
    },
    {
      name: `of ${histories} histories, ended otherwise than by the model`,
      value: wrong,
      ...none,
    },
  ];
}

function refusalsIn(answers: Progress["answers"]): number {
  const refusals = Object.entries(answers).filter(([answer]) => !answer.startsWith("200 "));
  return sum(refusals.map(([, count]) => count));
}

/** Looks at the memory of all of PostgreSQL every now and then, and when it is asked for the most there was. */
function watchPostgres(): Disposable & { peakMb(): Promise<number> } {
  let peak = NaN;
  const look = async () => {
    const mb = sharedMemoryMb((await findStackProcesses()).postgres);
    if (!(mb <= peak)) peak = mb;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  const peakMb = async () => {
    await look();
    return peak;
  };
  return { peakMb, [Symbol.dispose]: () => clearInterval(timer) };
}
