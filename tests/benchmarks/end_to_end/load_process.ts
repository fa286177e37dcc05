import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import type { Load, Order } from "./load.ts";

/** The load generator as a process: whoever measures must not be slowed down by what is measured. */
export interface LoadProcess extends AsyncDisposable {
  pid: number;
  carryOut(order: Order): Promise<Load>;
}

/** Starts it; it ends when it is disposed of, or with this process. */
export function startLoad(): LoadProcess {
  const args = ["run", "-A", join(import.meta.dirname!, "load.ts")];
  const child = spawn(Deno.execPath(), args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));

  return {
    pid: child.pid!,
    carryOut: async (order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const { done, value } = await lines.next();
      if (done) throw new Error("the load generator ended");
      return JSON.parse(value);
    },
    [Symbol.asyncDispose]: () => {
      child.kill("SIGKILL");
      return ended;
    },
  };
}
