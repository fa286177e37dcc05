import { join } from "node:path";
import process from "node:process";
import { StackError } from "./stack_error.ts";

/** Whether the server with this process id says that it accepts connections. */
export function saysReady(cluster: string, pid: number | undefined): boolean {
  const lines = pidFile(cluster);
  return lines[0] === String(pid) && lines[7]?.trim() === "ready";
}

/**
 * Ends the server that a killed stack left behind on these files. The lock of the data directory is held, so no
 * living stack owns it. Returns whether there was one.
 */
export async function stopLeftover(cluster: string): Promise<boolean> {
  const pid = Number(pidFile(cluster)[0]);
  if (!pid) return false;
  if (!await serves(pid, cluster)) {
    // Another program has that number now, or nobody: PostgreSQL would take it for itself and refuse to start.
    Deno.removeSync(join(cluster, "postmaster.pid"));
    return false;
  }
  for (const signal of ["SIGINT", "SIGQUIT"]) {
    process.kill(pid, signal);
    for (let waited = 0; waited < 10_000; waited += 50) {
      if (!await serves(pid, cluster)) return true;
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
  throw new StackError(`PostgreSQL of an earlier run does not end (process ${pid})`);
}

/** The lines of postmaster.pid: process id, data directory, start time, port, …, and as the eighth the state. */
function pidFile(cluster: string): string[] {
  try {
    return Deno.readTextFileSync(join(cluster, "postmaster.pid")).split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** A process id alone proves nothing: the number may belong to any other program by now. */
async function serves(pid: number, cluster: string): Promise<boolean> {
  return (await commandLine(pid)).includes(cluster);
}

async function commandLine(pid: number): Promise<string> {
  try {
    if (Deno.build.os === "linux") return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
    const args = ["-o", "args=", "-p", String(pid)];
    return new TextDecoder().decode((await new Deno.Command("ps", { args }).output()).stdout);
  } catch {
    return "";
  }
}
