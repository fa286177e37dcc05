import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A Deno program of the stack. */
type DenoProgram = {
  root: string;
  entrypoint: string;
  /** What it may do, as flags of `deno run`. */
  permissions: string[];
  /** Arguments of the program. */
  args?: string[];
  /** Its whole environment: nothing of this process's own is handed on. */
  env: Record<string, string>;
  /** Told every line that it writes. */
  onOutput: (line: string) => void;
};

/** Starts it with the project's Deno and the project's node_modules. */
export function spawnDeno(
  { root, entrypoint, permissions, args = [], env, onOutput }: DenoProgram,
): ChildProcess {
  const guard = join(import.meta.dirname!, "process_guard.ts");
  const config = join(root, "deno.json");
  const flags = ["--no-prompt", `--config=${config}`, `--preload=${guard}`, ...permissions];
  const child = spawn(Deno.execPath(), ["run", ...flags, entrypoint, ...args], {
    cwd: root,
    // Its output goes to logs, where colours are noise.
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...env },
    // Its own session: Ctrl-C in the terminal is for the stack, which then stops it.
    detached: true,
    // Through this process: a full disk, for its log, is nothing that it should end by.
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", onOutput);
  }
  return child;
}
