import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Progress, Replay } from "./replay.ts";

/** Replays in a process of its own: the gateway is in this one. Ends it once the signal aborts. */
export async function replay(
  order: Replay,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Progress> {
  const args = ["run", "-A", join(import.meta.dirname!, "replay.ts"), JSON.stringify(order)];
  const child = spawn(Deno.execPath(), args, { stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const progress: Progress = JSON.parse(line);
      if (progress.isDone) return progress;
      onProgress(progress);
    }
    signal.throwIfAborted();
    throw new Error("the replay ended before its time");
  } finally {
    signal.removeEventListener("abort", kill);
  }
}
