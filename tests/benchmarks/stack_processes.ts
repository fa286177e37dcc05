/** The processes of the stack that this very process started, by their ids. */
export interface StackProcesses {
  /** The gateway is this process. */
  gateway: number;
  functions: number[];
  dataApi: number;
  /** The server and what it started by now. */
  postgres: number[];
}

/** Finds them by their command lines. */
export async function findStackProcesses(): Promise<StackProcesses> {
  const all = await listProcesses();
  const started = (part: string) =>
    all.filter(({ parent, command }) => parent === Deno.pid && command.includes(part))
      .map(({ pid }) => pid);
  const server = only(started("/postgres -D "));
  return {
    gateway: Deno.pid,
    functions: started("/supabase/functions/"),
    dataApi: only(started("/data_api_server.ts")),
    postgres: [server, ...all.filter(({ parent }) => parent === server).map(({ pid }) => pid)],
  };
}

function only(pids: number[]): number {
  const [pid] = pids;
  if (pids.length !== 1 || pid === undefined) throw new Error(`${pids.length} processes, not one`);
  return pid;
}

async function listProcesses() {
  const args = ["-A", "-o", "pid=,ppid=,args="];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  return new TextDecoder().decode(stdout).split("\n").map((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), command: command.join(" ") };
  });
}
