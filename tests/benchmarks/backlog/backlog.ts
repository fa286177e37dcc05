import type { Sql } from "postgres";
import type { Stack } from "../../../scripts/stack/stack.ts";
import { judge } from "../../../scripts/converge/judge.ts";
import { startProject } from "../end_to_end/project.ts";
import {
  findStackProcesses,
  median,
  NO_LIMIT,
  openDatabase,
  peakMemoryMb,
  sharedMemoryMb,
  sum,
} from "../measuring.ts";
import type { Part, PartResult, RunOptions, Target } from "../part.ts";
import { type Backlog, historiesOf, type Progress, replay } from "./replay.ts";

/** In each round so many go one by one, then so many as the webhook takes them. */
const FULL = { rounds: 4, oneByOne: 2_500, events: 25_000, concurrency: 64 };
const QUICK = { rounds: 1, oneByOne: 50, events: 150, concurrency: 64 };

/** The rate as that of one call for each delivery so many times. */
const TIMES_ONE_BY_ONE = 2;

/** Of the function, which has 256 MB on Supabase. */
const MEMORY_MB = 150;

const NOTE_EVERY_S = 10;
const LOOK_EVERY_MS = 2_000;

/** What was held back while the endpoint was down arrives all at once, and in any order. */
export const backlog: Part = {
  title:
    "Events that queued up while the endpoint was down, replayed through the local stack, beside the same webhook " +
    "with a call of its own for each delivery (one by one)",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  const { rounds, oneByOne, events, concurrency } = isQuick ? QUICK : FULL;
  await using stack = await startProject({ handlers: ["one-by-one"], signal });
  await using sql = openDatabase(stack.env.DB_URL, signal);
  using postgres = watchPostgres();

  const replayed: Replayed[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const way of ["one by one", "ours"] as const) {
      const backlog = {
        seed: seed + round,
        events: way === "ours" ? events : oneByOne,
        tag: `${way === "ours" ? "b" : "s"}${round}`,
      };
      const endpoint = endpointOf(stack, way);
      const onProgress = (progress: Progress) => {
        if (Math.floor(progress.seconds) % NOTE_EVERY_S === 0) note(describe(progress, backlog));
      };
      const drained = await replay({ ...backlog, concurrency, endpoint }, onProgress, signal);
      note(`${way}: ${describe(drained, backlog)}`);
      replayed.push({ way, round, backlog, drained });
    }
  }
  const memory = await peaksOf(await postgres.peakMb());
  note("comparing the rows with the model …");
  const rates = {
    ours: median(ratesOf(replayed, "ours")),
    "one by one": median(ratesOf(replayed, "one by one")),
  };
  return {
    settings: {
      rounds,
      "events of each": events,
      "of them one by one": oneByOne,
      "at once": concurrency,
      ...NO_LIMIT,
    },
    measures: [
      { unit: "events/s", groups: { replay: rates } },
      { unit: "MB", groups: { "highest memory": memory } },
    ],
    targets: [...speedAndMemory(replayed, memory), ...await correctness(sql, replayed)],
  };
}

type Way = "ours" | "one by one";

/** A backlog, how it went, and what came of it. */
interface Replayed {
  way: Way;
  round: number;
  backlog: Backlog;
  drained: Progress;
}

function endpointOf({ env }: Stack, way: Way) {
  const { API_URL, CLERK_WEBHOOK_SECRET } = env;
  const name = way === "ours" ? "clerk-webhook" : "one-by-one";
  return { WEBHOOK_URL: `${API_URL}/functions/v1/${name}`, CLERK_WEBHOOK_SECRET };
}

function ratesOf(replayed: Replayed[], way: Way): number[] {
  return replayed.filter((one) => one.way === way)
    .map(({ backlog, drained }) => backlog.events / drained.seconds);
}

function speedAndMemory(replayed: Replayed[], memory: Record<string, number>): Target[] {
  const before = ratesOf(replayed, "one by one");
  return [
    {
      name: "events/s ÷ those one by one",
      value: median(ratesOf(replayed, "ours").map((rate, round) => rate / before[round]!)),
      limit: { atLeast: TIMES_ONE_BY_ONE },
    },
    {
      name: "highest memory of the function",
      value: memory.function ?? NaN,
      unit: "MB",
      limit: { atMost: MEMORY_MB },
    },
  ];
}

function describe({ answers, seconds }: Progress, { events }: Backlog): string {
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

async function correctness(sql: Sql, replayed: Replayed[]): Promise<Target[]> {
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
  for (const history of replayed.flatMap(({ backlog }) => [...historiesOf(backlog)])) {
    // Every event was accepted at its first delivery.
    const once = new Map(history.order.map(({ id }) => [id, { deliveries: 1, accepted: 1 }]));
    const { differences, ledger } = await judge(sql, history, once);
    histories++;
    if (differences.length + ledger.length > 0) wrong++;
  }
  const count = (answer: string) =>
    sum(replayed.map(({ drained }) => drained.answers[answer] ?? 0));
  const off = Math.abs(ledger!.events - sum(replayed.map(({ backlog }) => backlog.events))) +
    Math.abs(ledger!.applied - count("200 applied")) +
    Math.abs(ledger!.stale - count("200 stale"));
  const none = { limit: { atMost: 0 } };
  return [
    {
      name: "error answers",
      value: sum(replayed.map(({ drained }) => refusalsIn(drained.answers))),
      ...none,
    },
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
