import { join } from "node:path";

/** The process id of the PostgreSQL server that works on these files. */
export function postmasterPid(cluster: string): number {
  return Number(Deno.readTextFileSync(join(cluster, "postmaster.pid")).split("\n")[0]);
}

/** The process id of a function of the stack that this very process started. */
export async function functionPid(name: string): Promise<number> {
  const args = ["-A", "-o", "pid=,ppid=,args="];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  const found = new TextDecoder().decode(stdout).split("\n").find((line) => {
    const [, parent] = line.trim().split(/\s+/);
    return Number(parent) === Deno.pid && line.includes(`functions/${name}/`);
  });
  if (!found) throw new Error(`function ${name} does not run`);
  return Number(found.trim().split(/\s+/)[0]);
}
