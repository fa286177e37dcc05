import type { Report } from "../../../scripts/backfill/report.ts";
import { KIND_NAMES, type KindName } from "../../../scripts/clerk/kinds.ts";

/** How many seconds each kind took. */
export type Seconds = Record<KindName, number>;

/** Rows a second, of each kind and of all together. */
export type Rates = Record<KindName | "all", number>;

/** The rates of so many rows in so many seconds. */
export function ratesOf(rows: Record<KindName, number>, seconds: Seconds): Rates {
  const all = sum(rows) / sum(seconds);
  return { ...mapKinds((kind) => rows[kind] / seconds[kind]), all };
}

/** The rates that the command reported of itself. */
export function ratesOfReport(report: Report): Rates {
  const all = sum(mapKinds((kind) => report[kind].read)) / report.seconds;
  return { ...mapKinds((kind) => report[kind].rows_per_second), all };
}

/** What a kind is made to, kind by kind. */
export function mapKinds<Value>(toValue: (kind: KindName) => Value): Record<KindName, Value> {
  const entries = KIND_NAMES.map((kind) => [kind, toValue(kind)]);
  return Object.fromEntries(entries) as Record<KindName, Value>;
}

/** Runs something, and tells how many seconds it took. */
export async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return (performance.now() - startedAt) / 1000;
}

function sum(numbers: Record<KindName, number>): number {
  return Object.values(numbers).reduce((total, number) => total + number, 0);
}
