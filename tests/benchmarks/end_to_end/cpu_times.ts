import { cpuTimeMs } from "../cpu_time.ts";
import { findStackProcesses } from "../stack_processes.ts";
import type { LoadProcess } from "./load_process.ts";

/** How long processes have been on a CPU, in milliseconds, by what they are. */
export type CpuTimes = Record<string, number>;

/** Those of the stack, its functions as one (only one of them is called at a time), and of the load generator. */
export async function cpuTimes(load: LoadProcess): Promise<CpuTimes> {
  const { gateway, functions, dataApi, postgres } = await findStackProcesses();
  const pids = {
    "load generator": [load.pid],
    gateway: [gateway],
    function: Object.values(functions),
    "Data API": [dataApi],
    PostgreSQL: postgres,
  };
  return Object.fromEntries(Object.entries(pids).map(([name, list]) => [name, cpuTimeMs(list)]));
}

/** What was added to it since then. */
export async function cpuTimesSince(before: CpuTimes, load: LoadProcess): Promise<CpuTimes> {
  const now = await cpuTimes(load);
  return Object.fromEntries(
    Object.entries(now).map(([name, ms]) => [name, ms - (before[name] ?? 0)]),
  );
}
