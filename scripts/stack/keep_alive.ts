import type { ChildProcess } from "node:child_process";
import { StackError } from "./report.ts";

/** One process of the stack. */
type ProcessSpec = {
  name: string;
  /** Starts it, each time anew. */
  spawn: () => ChildProcess;
  /** Whether it serves already. */
  isReady: (child: ChildProcess) => Promise<boolean>;
  /** How often it may end before it has been ready for the first time. */
  attempts: number;
  stopSignal: "SIGINT" | "SIGTERM";
  /** Ends it at once, when this process ends without stopping it. */
  forceSignal: "SIGQUIT" | "SIGKILL";
  /** Ends a start that is under way. */
  signal: AbortSignal;
  /** Told when it ended by itself, and is about to be started again. */
  onRestart: (message: string) => void;
  /** What it said last, for the error when it does not start at all. */
  lastWords: () => string;
};

/** A process that is started again when it dies. */
export type KeptProcess = { isUp(): boolean; stop(): Promise<void> };

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const BACKOFF_MS = { first: 200, longest: 5_000 };

/** Starts a process, resolves once it serves, and keeps it alive until it is stopped. */
export async function keepAlive(spec: ProcessSpec): Promise<KeptProcess> {
  let child = start(spec);
  let up = false;
  let stopping = false;
  const force = () => child.kill(spec.forceSignal);
  addEventListener("unload", force);

  for (let attempt = 1; !await becomesReady(spec, child); attempt++) {
    if (attempt >= spec.attempts || spec.signal.aborted) {
      await endNow(spec, child);
      removeEventListener("unload", force);
      spec.signal.throwIfAborted();
      throw new StackError(`${spec.name} does not start:\n${spec.lastWords()}`);
    }
    await sleep(BACKOFF_MS.first);
    child = start(spec);
  }
  up = true;
  const supervised = supervise();

  async function supervise(): Promise<void> {
    let backoff = BACKOFF_MS.first;
    while (true) {
      const since = Date.now();
      await ended(child);
      up = false;
      if (stopping) return;
      if (Date.now() - since > BACKOFF_MS.longest) backoff = BACKOFF_MS.first;
      spec.onRestart(
        `${spec.name} ended (${
          child.signalCode ?? `exit code ${child.exitCode}`
        }); starting it again`,
      );
      await sleep(backoff);
      if (stopping) return;
      backoff = Math.min(backoff * 2, BACKOFF_MS.longest);
      child = start(spec);
      up = await becomesReady(spec, child);
    }
  }

  return {
    isUp: () => up,
    stop: async () => {
      stopping = true;
      up = false;
      removeEventListener("unload", force);
      if (!isRunning(child)) return;
      child.kill(spec.stopSignal);
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await supervised;
      clearTimeout(timer);
    },
  };
}

function start(spec: ProcessSpec): ChildProcess {
  const child = spec.spawn();
  // A program that cannot be started at all counts as one that ended at once.
  child.on("error", (error) => spec.onRestart(`${spec.name}: ${error.message}`));
  return child;
}

async function becomesReady(spec: ProcessSpec, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (isRunning(child) && Date.now() < deadline && !spec.signal.aborted) {
    if (await spec.isReady(child)) return isRunning(child);
    await sleep(20);
  }
  return false;
}

async function endNow(spec: ProcessSpec, child: ChildProcess): Promise<void> {
  child.kill(spec.forceSignal);
  await ended(child);
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) =>
    isRunning(child) ? child.once("exit", () => resolve()) : resolve()
  );
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function sleep(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
