/** The processes of the stack that this very process started, by their ids. */
export interface StackProcesses {
  /** The gateway is this process. */
  gateway: number;
  /** By the names of their folders. */
  functions: Record<string, number>;
  dataApi: number;
  /** The server and what it started by now. */
  postgres: number[];
}

/** Finds them by their command lines. */
export async function findStackProcesses(): Promise<StackProcesses> {
  const all = await listProcesses();
  const childrenOf = (pid: number) => all.filter(({ parent }) => parent === pid);
  const started = childrenOf(Deno.pid);
  const find = (part: string) => started.find(({ command }) => command.includes(part))!.pid;
  const server = find("/postgres -D ");
  return {
    gateway: Deno.pid,
    functions: Object.fromEntries(started.flatMap(({ pid, command }) => {
      const [, name] = /\/supabase\/functions\/([^/]+)\/index\.ts$/.exec(command) ?? [];
      return name ? [[name, pid]] : [];
    })),
    dataApi: find("/data_api_server.ts"),
    postgres: [server, ...childrenOf(server).map(({ pid }) => pid)],
  };
}

async function listProcesses() {
  const args = ["-A", "-o", "pid=,ppid=,args="];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  return new TextDecoder().decode(stdout).split("\n").map((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), command: command.join(" ") };
  });
}
