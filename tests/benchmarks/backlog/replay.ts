/**
 * Replays a backlog, in a process of its own: takes what to do as JSON, its only argument, and writes a line of progress
 * every second, then one of the whole. Each delivery is signed just before it is sent, for signatures last five minutes.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { interleave, work } from "../../../scripts/converge/schedule.ts";
import { type Plan, planHistory } from "../../../scripts/converge/plan.ts";
import { deliverUntilAccepted, type Endpoint } from "../../../scripts/converge/deliver.ts";
import { said } from "../../../scripts/simulate/delivery.ts";

/** Which backlog: the same of all three always make the same one. */
export interface Backlog {
  seed: number;
  events: number;
  /** A letter and more: no two backlogs of one database have the same, or they would tell of the same objects. */
  tag: string;
}

/** Random histories, each with its events in scrambled order, until they tell of so many events together. */
export function* historiesOf({ seed, events, tag: own }: Backlog): Iterable<Plan> {
  for (let index = 0, left = events; left > 0; index++) {
    const tag = `${own}${index.toString(36).padStart(5, "0")}x`;
    const plan = planHistory(seed, index, tag);
    // Each once: what was queued was never answered.
    const order = [...new Set(plan.order)].slice(0, left);
    if (order.length === 0) continue;
    left -= order.length;
    const sent = new Set(order);
    yield { ...plan, order, events: plan.events.filter((event) => sent.has(event)) };
  }
}

/** What to replay, where to, and how much at once. */
export interface Replay extends Backlog {
  endpoint: Endpoint;
  concurrency: number;
}

/** What was answered so far. */
export interface Progress {
  seconds: number;
  /** How often each answer was given, as `200 applied`. */
  answers: Record<string, number>;
  isDone: boolean;
}

/** Events of so many histories arrive mixed. */
const HISTORIES_AT_ONCE = 100;

const REPORT_MS = 1_000;

/** Replays in a process of its own: the gateway is in this one. Ends it once the signal aborts. */
export async function replay(
  order: Replay,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Progress> {
  const args = ["run", "-A", import.meta.filename!, JSON.stringify(order)];
  const child = spawn(Deno.execPath(), args, { stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const progress: Progress = JSON.parse(line);
      if (progress.isDone) return progress;
      onProgress(progress);
    }
    signal.throwIfAborted();
    throw new Error("the replay ended before its time");
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

if (import.meta.main) {
  const { endpoint, concurrency, ...backlog }: Replay = JSON.parse(Deno.args[0] ?? "");
  const answers: Progress["answers"] = {};
  const startedAt = performance.now();
  const report = (isDone: boolean) => {
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(JSON.stringify({ seconds, answers, isDone } satisfies Progress));
  };
  const timer = setInterval(() => report(false), REPORT_MS);
  const mixed = interleave(historiesOf(backlog), HISTORIES_AT_ONCE);
  await work(mixed, concurrency, async ({ item }) => {
    for (const answer of await deliverUntilAccepted(item, endpoint)) {
      answers[said(answer)] = (answers[said(answer)] ?? 0) + 1;
    }
  });
  clearInterval(timer);
  report(true);
}
