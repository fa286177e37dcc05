import type { Answer } from "./delivery.ts";
import type { Plan, PlannedDelivery } from "./plan.ts";

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
type RunEnding = "complete" | "interrupted" | "nothing_there";

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
      const reason = answer.kind === "unanswered" ? answer.reason : null;
      // One line is enough to say that nobody answers, however many are in flight.
      if (isNothingThere || reason === "interrupted") return;
      hasAnswered ||= reason === null;
      isNothingThere = !hasAnswered &&
        (reason === "connection_refused" || reason === "unreachable");
      report(resultOf(delivery, answer));
    }
  }

  await Promise.all(Array.from({ length: input.concurrency }, work));
  return signal.aborted ? "interrupted" : isNothingThere ? "nothing_there" : "complete";
}

/** One delivery and what came of it. */
export interface DeliveryResult {
  type: string;
  id: string;
  ok: boolean;
  /** HTTP status; null when there was no answer. */
  status: number | null;
  /** The answer's fixed word, or why there was none; null when the answer had no such word. */
  outcome: string | null;
  ms: number;
}

/** The run so far. */
export interface Summary {
  deliveries: number;
  ok: number;
  failed: number;
  /** Deliveries by status and outcome, most frequent first. */
  counts: { status: number | null; outcome: string | null; count: number }[];
  ms: { p50: number; p95: number; max: number };
  elapsedMs: number;
  perSecond: number;
}

/** Puts a delivery and its answer together. Only 2xx counts as delivered. */
export function resultOf({ type, id }: PlannedDelivery, answer: Answer): DeliveryResult {
  const { ms } = answer;
  if (answer.kind === "unanswered") {
    return { type, id, ok: false, status: null, outcome: answer.reason, ms };
  }
  const { status, word: outcome } = answer;
  return { type, id, ok: status >= 200 && status < 300, status, outcome, ms };
}

/** Counts results as they come; keeps eight bytes of each. */
export class Tally {
  #counts = new Map<string, Summary["counts"][number]>();
  #ms: number[] = [];
  #ok = 0;

  /** Takes one result into account. */
  add({ status, outcome, ok, ms }: DeliveryResult): void {
    const key = `${status} ${outcome}`;
    const entry = this.#counts.get(key) ?? { status, outcome, count: 0 };
    entry.count++;
    this.#counts.set(key, entry);
    this.#ms.push(ms);
    if (ok) this.#ok++;
  }

  /** The figures of all results so far. */
  summary(elapsedMs: number): Summary {
    const sorted = Float64Array.from(this.#ms).sort();
    const deliveries = sorted.length;
    return {
      deliveries,
      ok: this.#ok,
      failed: deliveries - this.#ok,
      counts: [...this.#counts.values()].sort((a, b) => b.count - a.count),
      ms: {
        p50: percentile(sorted, 50),
        p95: percentile(sorted, 95),
        max: percentile(sorted, 100),
      },
      elapsedMs,
      perSecond: elapsedMs > 0 ? deliveries / (elapsedMs / 1000) : 0,
    };
  }
}

/** Nearest rank: a value that was measured, not one in between. */
function percentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)] ?? 0;
}
