import type { Calls } from "./calls.ts";
import type { Verdict } from "./judge.ts";

/** A history whose end was wrong. */
interface Failure {
  history: number;
  events: number;
  differences: string[];
}

/** What is counted during a run. */
const COUNTS = {
  histories: 0,
  events: 0,
  deliveries: 0,
  ledgerAttempts: 0,
  errorAnswers: 0,
  lostEvents: 0,
  divergences: 0,
};

/** The figures of a run. */
type Report = typeof COUNTS & {
  seed: number;
  seconds: number;
  perSecond: number;
  answers: Record<string, number>;
  /** Different orders: no two histories are delivered in the same one. */
  orders: number;
  failures: Failure[];
  interrupted: boolean;
  /** How the deliveries went to the database; null where the function was not asked. */
  calls: Calls | null;
};

/** So many are kept, the shortest; the others are only counted. */
const KEPT_FAILURES = 5;

/** Counts what a run meets. Holds nothing that grows with it. */
export class Tally {
  readonly #counts = { ...COUNTS };
  readonly #answers = new Map<string, number>();
  #failures: Failure[] = [];

  answered(answer: string): void {
    this.#counts.deliveries++;
    if (!answer.startsWith("200 ")) this.#counts.errorAnswers++;
    this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1);
  }

  judged(history: number, events: number, verdict: Verdict): void {
    this.#counts.histories++;
    this.#counts.events += events;
    this.#counts.ledgerAttempts += verdict.attempts;
    this.#counts.lostEvents += verdict.ledger.length;
    if (verdict.differences.length > 0) this.#counts.divergences++;
    const differences = [...verdict.differences, ...verdict.ledger];
    if (differences.length === 0) return;
    this.#failures = [...this.#failures, { history, events, differences }]
      .sort((a, b) => a.events - b.events)
      .slice(0, KEPT_FAILURES);
  }

  report(
    seed: number,
    seconds: number,
    interrupted: boolean,
    calls: Calls | null = null,
  ): Report {
    const { histories: orders, deliveries } = this.#counts;
    const answers = Object.fromEntries([...this.#answers].sort());
    const perSecond = deliveries / seconds;
    const failures = this.#failures;
    const counts = { ...this.#counts, seconds, perSecond, answers, orders };
    return { seed, ...counts, failures, interrupted, calls };
  }
}

/** Whether everything was as it has to be. */
export function isClean(report: Report): boolean {
  return report.divergences === 0 && report.errorAnswers === 0 && report.lostEvents === 0 &&
    (report.interrupted || report.ledgerAttempts === report.deliveries);
}

/** The report for people. */
export function formatReport(report: Report): string {
  const count = (value: number) => value.toLocaleString("en-US");
  const line = (name: string, text: string) => `${name.padEnd(17)}${text}`;
  const rate = `${report.seconds.toFixed(1)} s, ${report.perSecond.toFixed(0)}/s`;
  return [
    ...report.failures.flatMap(({ history, differences }) => [
      `history ${history} of seed ${report.seed}:`,
      ...differences.map((difference) => `  ${difference}`),
    ]),
    line("seed", `${report.seed}${report.interrupted ? ", interrupted" : ""}`),
    line("histories", `${count(report.histories)}, of ${count(report.events)} events`),
    line("deliveries", `${count(report.deliveries)} in ${rate}`),
    ...Object.entries(report.answers).map(([answer, times]) =>
      line("", `${answer.padEnd(18)}${count(times)}`)
    ),
    ...(report.calls ? [line("in pages", inPages(report.calls))] : []),
    line("ledger attempts", count(report.ledgerAttempts)),
    line("orders tried", count(report.orders)),
    line("error answers", count(report.errorAnswers)),
    line("lost events", count(report.lostEvents)),
    line("divergences", count(report.divergences)),
  ].join("\n");
}

function inPages({ alone, page }: Calls): string {
  const [deliveries, pages, others] = [page.deliveries, page.calls, alone.deliveries]
    .map((value) => value.toLocaleString("en-US"));
  return `${deliveries} in ${pages} pages, ${others} alone`;
}
