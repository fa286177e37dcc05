import { percentile } from "../percentile.ts";
import { pgbench, type PgbenchOptions } from "./pgbench.ts";
import type { Rivals } from "./rivals.ts";

/** What was measured of one RPC and its rivals, in transactions a second. */
export interface RivalsMeasured {
  ours: number;
  bare: number;
  rows: number | undefined;
  /** Ours to the bare upsert: the median of the rounds, in each of which both ran one after the other. */
  ratio: number;
}

/** Runs an RPC and its rivals in turn, so often; medians of the rounds. */
export async function measureRivals(
  { ours, bare, rows }: Rivals,
  rounds: number,
  options: Omit<PgbenchOptions, "script">,
): Promise<RivalsMeasured> {
  const tps: { ours: number; bare: number; rows: number }[] = [];
  let seed = options.seed;
  // Never the same events twice.
  const run = (script: string) => pgbench({ ...options, seed: seed++, script });
  for (let round = 0; round < rounds; round++) {
    tps.push({ bare: await run(bare), ours: await run(ours), rows: rows ? await run(rows) : NaN });
  }
  const median = (of: (round: (typeof tps)[number]) => number) => percentile(tps.map(of), 50);
  return {
    ours: median(({ ours }) => ours),
    bare: median(({ bare }) => bare),
    rows: rows ? median(({ rows }) => rows) : undefined,
    ratio: median(({ ours, bare }) => ours / bare),
  };
}
