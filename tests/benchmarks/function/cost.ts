import process from "node:process";
import { percentile } from "../percentile.ts";

/** What one call took, in microseconds: on the clock, and on the CPUs, the engine's own threads included. */
export interface Cost {
  us: number;
  cpuUs: number;
}

/** Calls so many times, one after the other, and tells what a call cost on average. */
export async function costOf(
  times: number,
  call: (index: number) => void | Promise<void>,
): Promise<Cost> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (let index = 0; index < times; index++) await call(index);
  const us = (performance.now() - startedAt) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { us: us / times, cpuUs: (user + system) / times };
}

/** The median of each. */
export function medianOf(costs: Cost[]): Cost {
  const median = (of: (cost: Cost) => number) => percentile(costs.map(of), 50);
  return { us: median(({ us }) => us), cpuUs: median(({ cpuUs }) => cpuUs) };
}
