import { percentile } from "../percentile.ts";
import { pgbench, type PgbenchOptions } from "./pgbench.ts";
import { BOUNDS, type Rivals } from "./rivals.ts";

/** What was measured of one RPC or a rival. */
export interface RivalMeasured {
  /** Transactions a second. */
  tps: number;
  /** To the bare upsert: the median of the rounds, in each of which both ran one after the other. */
  ratio: number;
}

/** Of an RPC and its rivals. */
export type RivalsMeasured =
  & Record<"ours" | "bare", RivalMeasured>
  & {
    [name in typeof BOUNDS[number]]?: RivalMeasured;
  };

/** Runs an RPC and its rivals in turn, so often; medians of the rounds. */
export async function measureRivals(
  rivals: Pick<Rivals, "ours" | "bare" | "rows" | "least">,
  rounds: number,
  options: Omit<PgbenchOptions, "script">,
): Promise<RivalsMeasured> {
  const names = ["bare" as const, "ours" as const, ...BOUNDS.filter((name) => rivals[name])];
  const tps: Record<string, number>[] = [];
  // Never the same events twice.
  let { seed } = options;
  for (let round = 0; round < rounds; round++) {
    const measured: Record<string, number> = {};
    for (const name of names) {
      measured[name] = await pgbench({ ...options, seed: seed++, script: rivals[name]! });
    }
    tps.push(measured);
  }
  const median = (of: (round: Record<string, number>) => number) => percentile(tps.map(of), 50);
  return Object.fromEntries(names.map((name) => [name, {
    tps: median((round) => round[name]!),
    ratio: median((round) => round[name]! / round.bare!),
  }])) as RivalsMeasured;
}
