import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { keepAlive, type KeptProcess } from "./keep_alive.ts";
import type { LogFile } from "./log_file.ts";
import { answers } from "./ports.ts";

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
  /** Flags by which its modules are found, in place of deno.json and node_modules of the root. */
  modules?: string[] | undefined;
  /** Told every line that it writes. */
  onOutput: (line: string) => void;
};

/** Starts it with the project's Deno and the project's node_modules. */
export function spawnDeno(
  { root, entrypoint, permissions, args = [], env, modules, onOutput }: DenoProgram,
): ChildProcess {
  const guard = join(import.meta.dirname!, "process_guard.ts");
  const found = modules ?? [`--config=${join(root, "deno.json")}`];
  const flags = ["--no-prompt", ...found, `--preload=${guard}`, ...permissions];
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

/** The code of the stack itself: its packages are the stack's, whichever project is served. */
export const REPOSITORY = join(import.meta.dirname!, "..", "..");

/**
 * Starts a Deno program, resolves once it accepts connections at its port, and keeps it alive. `program` is asked anew for each
 * start. Before it has been ready for the first time it may end `attempts` times.
 */
export function keepDeno(
  name: string,
  { log, signal, onRestart }: {
    log: LogFile;
    signal: AbortSignal;
    onRestart: (message: string) => void;
  },
  program: () => DenoProgram & { port: number },
  attempts: number = 1,
): Promise<KeptProcess> {
  let port = 0;
  return keepAlive({
    name,
    spawn: () => {
      const started = program();
      port = started.port;
      return spawnDeno(started);
    },
    isReady: () => answers(port),
    attempts,
    stopSignal: "SIGTERM",
    forceSignal: "SIGKILL",
    signal,
    onRestart,
    lastWords: log.tail,
  });
}
