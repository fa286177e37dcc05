/** What parts measure with: a connection, percentiles, and what the kernel tells of processes. */
import postgres, { type Sql } from "postgres";

/** One connection to a stack's database, or more. They are cut once the signal aborts: no long query is waited for. */
export function openDatabase(
  url: string,
  signal: AbortSignal,
  connections: number = 1,
): Sql & AsyncDisposable {
  signal.throwIfAborted();
  const sql = postgres(url, { max: connections, onnotice: () => {} });
  const cut = () => void sql.end({ timeout: 0 });
  signal.addEventListener("abort", cut, { once: true });
  const dispose = async () => {
    signal.removeEventListener("abort", cut);
    await sql.end({ timeout: 0 });
  };
  return Object.assign(sql, { [Symbol.asyncDispose]: dispose });
}

/** The smallest of the values that so many percent of them do not exceed; NaN when there are none. */
export function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(percent / 100 * sorted.length)) - 1] ?? NaN;
}

/** The 50th percentile. */
export function median(values: number[]): number {
  return percentile(values, 50);
}

/** All of them together. */
export function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** What each name has, by the names. */
export function by<Name extends string, Value>(
  names: readonly Name[],
  toValue: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, toValue(name)])) as Record<Name, Value>;
}

/** Runs something, and tells how many milliseconds it took. */
export async function msOf(run: () => PromiseLike<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/** The most memory that a process has had in RAM so far, in MB; NaN where there is no /proc. */
export function peakMemoryMb(pid: number): number {
  return kbOf(`/proc/${pid}/status`, "VmHWM") / 1024;
}

/** The memory that processes have in RAM now, in MB, what they share counted once; NaN where there is no /proc. */
export function sharedMemoryMb(pids: number[]): number {
  return sum(pids.map((pid) => kbOf(`/proc/${pid}/smaps_rollup`, "Pss"))) / 1024;
}

function kbOf(file: string, name: string): number {
  try {
    const text = Deno.readTextFileSync(file);
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]);
  } catch {
    return NaN;
  }
}

/** Linux counts in hundredths of a second, whatever the machine. */
const TICK_MS = 10;

/** How long processes have been on a CPU so far, in milliseconds; NaN where there is no /proc. */
export function cpuTimeMs(pids: number[]): number {
  return Deno.build.os === "linux" ? sum(pids.map(ticksOf)) * TICK_MS : NaN;
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

/** On a fast machine the function's own limit on deliveries a second would set the pace: the highest there is. */
export const NO_LIMIT = { RATE_LIMIT_VERIFIED_PER_SECOND: "999999" };

/** The processes of the stack that this very process started, by their ids. The gateway is this process. */
export interface StackProcesses {
  /** By the names of their folders. */
  functions: Record<string, number>;
  dataApi: number;
  /** The server and what it started by now. */
  postgres: number[];
}

/** Finds them by their command lines. */
export async function findStackProcesses(): Promise<StackProcesses> {
  const args = ["-A", "-o", "pid=,ppid=,args="];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  const all = new TextDecoder().decode(stdout).split("\n").map((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), command: command.join(" ") };
  });
  const childrenOf = (pid: number) => all.filter(({ parent }) => parent === pid);
  const started = childrenOf(Deno.pid);
  const find = (part: string) => started.find(({ command }) => command.includes(part))!.pid;
  const server = find("/postgres -D ");
  return {
    functions: Object.fromEntries(started.flatMap(({ pid, command }) => {
      const [, name] = /\/supabase\/functions\/([^/]+)\/index\.ts$/.exec(command) ?? [];
      return name ? [[name, pid]] : [];
    })),
    dataApi: find("/data_api_server.ts"),
    postgres: [server, ...childrenOf(server).map(({ pid }) => pid)],
  };
}
