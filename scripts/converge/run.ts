import type { Sql } from "postgres";
import { said } from "../simulate/delivery.ts";
import { deliverUntilAccepted, type Endpoint } from "./deliver.ts";
import { judge, type Sent, type Verdict } from "./judge.ts";
import { type Plan, planHistory } from "./plan.ts";
import { interleave, work } from "./schedule.ts";

/** So many deliveries of one history are in flight at once, on the average: they are meant to meet. */
const MEETING = 8;

/** An event that is not accepted by then is lost, and told as such. */
const ATTEMPTS = 6;

/** What a run needs of a stack. */
export interface Target extends Endpoint {
  DB_URL: string;
  /** Opens the function's metrics. */
  SECRET_KEY?: string | undefined;
}

/** What to deliver, and whom to tell. */
interface Run {
  histories: number;
  concurrency: number;
  seed: number;
  newTag: () => string;
  target: Target;
  sql: Sql;
  /** Ends the run after the histories that are under way. */
  signal: AbortSignal;
  onAnswer: (answer: string) => void;
  onVerdict: (plan: Plan, verdict: Verdict) => void;
}

/** Delivers all histories, a few at a time, and judges each as soon as its last delivery is answered. */
export async function run(options: Run): Promise<void> {
  const { concurrency, target, sql, onAnswer, onVerdict } = options;
  const width = Math.max(1, Math.round(concurrency / MEETING));
  const deliveries = interleave(plans(options), width);
  await work(deliveries, concurrency, async ({ plan, item: event }) => {
    const sent = plan.sent.get(event.id) ?? { deliveries: 0, accepted: 0 };
    plan.sent.set(event.id, sent);
    for (const answer of (await deliverUntilAccepted(event, target, ATTEMPTS)).map(said)) {
      sent.deliveries++;
      if (answer.startsWith("200 ")) sent.accepted++;
      onAnswer(answer);
    }
    plan.remaining--;
    if (plan.remaining === 0) onVerdict(plan, await judge(sql, plan, plan.sent));
  });
}

type PlanUnderWay = Plan & { sent: Map<string, Sent>; remaining: number };

function* plans({ histories, seed, newTag, signal }: Run): Iterable<PlanUnderWay> {
  for (let index = 0; index < histories && !signal.aborted; index++) {
    const plan = planHistory(seed, index, newTag());
    if (plan.order.length > 0) yield { ...plan, sent: new Map(), remaining: plan.order.length };
  }
}
