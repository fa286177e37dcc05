/**
 * Replays a backlog, in a process of its own: takes what to do as JSON, its only argument, and writes a line of progress
 * every second, then one of the whole. Each delivery is signed just before it is sent, for signatures last five minutes.
 */
import { interleave, work } from "../../../scripts/converge/schedule.ts";
import { deliverUntilAccepted, type Endpoint } from "../../../scripts/converge/deliver.ts";
import { said } from "../../../scripts/simulate/delivery.ts";
import { type Backlog, historiesOf } from "./histories.ts";

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
