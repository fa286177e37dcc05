import type { Report } from "./tally.ts";

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
