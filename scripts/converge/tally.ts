import type { Verdict } from "./judge.ts";

/** A history whose end was wrong. */
interface Failure {
  history: number;
  events: number;
  differences: string[];
}

/** The figures of a run. */
interface Report {
  seed: number;
  histories: number;
  events: number;
  deliveries: number;
  seconds: number;
  perSecond: number;
  answers: Record<string, number>;
  ledgerAttempts: number;
  /** Different orders: no two histories are delivered in the same one. */
  orders: number;
  errorAnswers: number;
  lostEvents: number;
  divergences: number;
  failures: Failure[];
  interrupted: boolean;
}

/** So many are kept, the shortest; the others are only counted. */
const KEPT_FAILURES = 5;

/** Counts what a run meets. Holds nothing that grows with it. */
export class Tally {
  readonly #answers = new Map<string, number>();
  #histories = 0;
  #events = 0;
  #deliveries = 0;
  #errors = 0;
  #attempts = 0;
  #lost = 0;
  #divergences = 0;
  #failures: Failure[] = [];

  answered(answer: string): void {
    this.#deliveries++;
    if (!answer.startsWith("200 ")) this.#errors++;
    this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1);
  }

  judged(history: number, events: number, verdict: Verdict): void {
    this.#histories++;
    this.#events += events;
    this.#attempts += verdict.attempts;
    this.#lost += verdict.ledger.length;
    if (verdict.differences.length > 0) this.#divergences++;
    const differences = [...verdict.differences, ...verdict.ledger];
    if (differences.length === 0) return;
    this.#failures = [...this.#failures, { history, events, differences }]
      .sort((a, b) => a.events - b.events)
      .slice(0, KEPT_FAILURES);
  }

  report(seed: number, seconds: number, interrupted: boolean): Report {
    return {
      seed,
      histories: this.#histories,
      events: this.#events,
      deliveries: this.#deliveries,
      seconds,
      perSecond: this.#deliveries / seconds,
      answers: Object.fromEntries([...this.#answers].sort()),
      ledgerAttempts: this.#attempts,
      orders: this.#histories,
      errorAnswers: this.#errors,
      lostEvents: this.#lost,
      divergences: this.#divergences,
      failures: this.#failures,
      interrupted,
    };
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
    line("ledger attempts", count(report.ledgerAttempts)),
    line("orders tried", count(report.orders)),
    line("error answers", count(report.errorAnswers)),
    line("lost events", count(report.lostEvents)),
    line("divergences", count(report.divergences)),
  ].join("\n");
}
