/** Linux counts in hundredths of a second, whatever the machine. */
const TICK_MS = 10;

/** How long processes have been on a CPU so far, in milliseconds; NaN where there is no /proc. */
export function cpuTimeMs(pids: number[]): number {
  if (Deno.build.os !== "linux") return NaN;
  return pids.reduce((sum, pid) => sum + ticksOf(pid) * TICK_MS, 0);
}

/** Of a process that has ended: none. */
function ticksOf(pid: number): number {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The command's name, in parentheses, may hold spaces: what counts begins behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
