import { cpus, loadavg, release, totalmem, type } from "node:os";
import { findPostgres } from "../../../scripts/stack/postgres_home.ts";

/** What the parts ran on. */
export interface Machine {
  cores: number;
  cpu: string;
  memoryGb: number;
  os: string;
  deno: string;
  node: string;
  postgres: string;
  /** Of the last minute before the run. */
  load: number;
}

/** Asks this machine. */
export async function readMachine(): Promise<Machine> {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${/^[\d.]+/.exec(release())?.[0] ?? ""}`,
    deno: Deno.version.deno,
    node: await nodeVersion(),
    // The package's version is that of its PostgreSQL with a beta's number behind.
    postgres: findPostgres().version.split(".").slice(0, 2).join("."),
    load: loadavg()[0] ?? NaN,
  };
}

/** Of the Node that starts the commands; Deno's own idea of it is another one. */
async function nodeVersion(): Promise<string> {
  const { stdout } = await new Deno.Command("node", { args: ["--version"] }).output();
  return new TextDecoder().decode(stdout).trim().replace("v", "");
}

/** The machine for people, in one line. */
export function formatMachine(machine: Machine): string {
  const { cores, cpu, memoryGb, os, deno, node, postgres } = machine;
  return `${cores} × ${cpu}, ${memoryGb} GB, ${os}, Deno ${deno}, Node ${node}, PostgreSQL ${postgres}`;
}
