import { type ChildProcess, spawn } from "node:child_process";

/** Waits at a pipe to which nothing is ever written: it ends when the process at its other end does. */
const WAIT_AND_END = 'read -r _; kill -s INT "$1"';

/**
 * Ends a process, by SIGINT, when this one has ended, however it did: one that is killed outright can't do so itself. A
 * shell does it, for the process is no program of ours that could look after its parent.
 */
export function endTogether(child: ChildProcess): ChildProcess {
  if (child.pid === undefined) return child;
  const watcher = spawn("sh", ["-c", WAIT_AND_END, "sh", String(child.pid)], {
    // Its own session: Ctrl-C in the terminal is not for it.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // The number may belong to another process afterwards.
  child.once("exit", () => watcher.kill("SIGKILL"));
  return child;
}
