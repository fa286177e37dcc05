/** The most memory that a process has had in RAM so far, in MB; NaN where there is no /proc. */
export function peakMemoryMb(pid: number): number {
  return Number(field(`/proc/${pid}/status`, "VmHWM")) / 1024;
}

/** The memory that a process has in RAM now, in MB; NaN where there is no /proc. */
export function memoryMb(pid: number): number {
  return Number(field(`/proc/${pid}/status`, "VmRSS")) / 1024;
}

/** The memory that processes have in RAM now, in MB, what they share counted once; NaN where there is no /proc. */
export function sharedMemoryMb(pids: number[]): number {
  const kb = pids.map((pid) => Number(field(`/proc/${pid}/smaps_rollup`, "Pss")));
  return kb.reduce((sum, value) => sum + value, 0) / 1024;
}

function field(file: string, name: string): string | undefined {
  try {
    return new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(Deno.readTextFileSync(file))?.[1];
  } catch {
    return undefined;
  }
}
