import type { Answer } from "./delivery.ts";
import type { Plan, PlannedDelivery } from "./plan.ts";
import { type DeliveryResult, resultOf } from "./tally.ts";

/** What a run needs from outside. */
export interface RunInput {
  plan: Plan;
  concurrency: number;
  /** Ends the run; deliveries in flight are given up and not reported. */
  signal: AbortSignal;
  deliver: (delivery: PlannedDelivery) => Promise<Answer>;
  report: (result: DeliveryResult) => void;
}

/** `nothing_there`: the first delivery found nobody to talk to, so the others were not tried. */
export type RunEnding = "complete" | "interrupted" | "nothing_there";

/** Delivers a plan with a fixed number of deliveries in flight. */
export async function run(input: RunInput): Promise<RunEnding> {
  const { plan, signal, deliver, report } = input;
  let next = 0;
  let hasAnswered = false;
  let isNothingThere = false;

  async function work(): Promise<void> {
    while (next < plan.total && !signal.aborted && !isNothingThere) {
      const delivery = plan.delivery(next++);
      const answer = await deliver(delivery);
      // One line is enough to say that nobody answers, however many are in flight.
      if (isNothingThere || isInterrupted(answer)) return;
      if (answer.kind === "answered") hasAnswered = true;
      isNothingThere = !hasAnswered && isUnreachable(answer);
      report(resultOf(delivery, answer));
    }
  }

  await Promise.all(Array.from({ length: input.concurrency }, work));
  return signal.aborted ? "interrupted" : isNothingThere ? "nothing_there" : "complete";
}

function isInterrupted(answer: Answer): boolean {
  return answer.kind === "unanswered" && answer.reason === "interrupted";
}

function isUnreachable(answer: Answer): boolean {
  return answer.kind === "unanswered" &&
    (answer.reason === "connection_refused" || answer.reason === "unreachable");
}
