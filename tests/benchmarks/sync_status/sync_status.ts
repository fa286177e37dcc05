import type { Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { openDatabase } from "../open_database.ts";
import type { Measure, Part, PartResult, RunOptions } from "../part.ts";
import { percentile } from "../percentile.ts";
import { fillLedger } from "./fill_ledger.ts";

const FULL = { events: 10_000_000, repeat: 50 };
const QUICK = { events: 20_000, repeat: 5 };

const STATUS = "sync_status()";

const COUNTING = `${STATUS}, nothing counted yet`;

const QUESTIONS = {
  [STATUS]: "select public.sync_status()",
  "sync_metrics()": "select public.sync_metrics()",
  "event_series(60)": "select public.event_series(60)",
  "list_events(), newest": "select * from public.list_events()",
  "list_events(), open": "select * from public.list_events('{failed,rejected}')",
  "list_events(), a user": "select * from public.list_events(p_clerk_id => 'user_77777')",
  "row_counts()": "select public.row_counts()",
};

/** Of the median of sync_status(), which the status page and monitors ask for all the time. */
const LIMIT_MS = 50;

/** How fast the questions about the sync are answered when the ledger is large, and what counting it costs. */
export const syncStatus: Part = {
  name: "sync-status",
  title: "The questions about the sync, over a ledger of 90 days",
  run,
};

async function run({ isQuick, note, signal }: RunOptions): Promise<PartResult> {
  const { events, repeat } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using sql = openDatabase(stack.env.DB_URL, signal);
  await fillLedger(sql, events, note);
  note("counting …");
  const counting = await countAll(sql);
  const measures: Measure[] = [];
  for (const [name, question] of Object.entries(QUESTIONS)) {
    note(`${name} …`);
    const times: number[] = [];
    for (let n = 0; n < repeat; n++) times.push(await milliseconds(sql, question));
    measures.push(...measuresOf(name, times));
  }
  return {
    settings: { events, days: 90, "times each": repeat },
    measures: [
      ...measures,
      { group: COUNTING, name: "max", value: Math.max(...counting) / 1000, unit: "s" },
      { group: COUNTING, name: "until it is counted", value: counting.length, unit: "times" },
    ],
    targets: [{
      name: `${STATUS}, median`,
      value: measures.find(({ group, name }) => group === STATUS && name === "median")!.value,
      unit: "ms",
      limit: { atMost: LIMIT_MS },
    }],
  };
}

/** A ledger that nobody has asked about yet is counted by the first ones who ask: how long each of them waits. */
async function countAll(sql: Sql): Promise<number[]> {
  const times: number[] = [];
  for (;;) {
    times.push(await milliseconds(sql, QUESTIONS[STATUS]));
    const [counted] = await sql`
      select until >= now() - interval '3 minutes' as is_done from clerk_sync.counted
    `;
    if (counted?.is_done) return times;
  }
}

async function milliseconds(sql: Sql, question: string): Promise<number> {
  const startedAt = performance.now();
  await sql.unsafe(question);
  return performance.now() - startedAt;
}

function measuresOf(group: string, times: number[]): Measure[] {
  const ms = (name: string, percent: number) => ({
    group,
    name,
    value: percentile(times, percent),
    unit: "ms",
  });
  return [ms("median", 50), ms("p95", 95), ms("max", 100)];
}
