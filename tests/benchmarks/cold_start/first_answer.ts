import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { SignedDelivery } from "../../../scripts/simulate/delivery.ts";
import { spawnDeno } from "../../../scripts/stack/deno_process.ts";
import { functionPermissions } from "../../../scripts/stack/services.ts";
import { answers, freePort, HOST } from "../../../scripts/stack/ports.ts";

/** A program that serves HTTP, the first request that it gets, and how it has to answer that. */
export interface Program {
  entrypoint: string;
  args: string[];
  env: Record<string, string>;
  request: () => SignedDelivery;
  status: number;
}

/** Where Deno keeps what it compiled, and what ends the wait. */
export interface Circumstances {
  cacheDir: string;
  signal: AbortSignal;
}

const ROOT = join(import.meta.dirname!, "..", "..", "..");
const TIMEOUT_MS = 30_000;

/** From the start of a process, as the local stack starts a function, to its first answer: milliseconds. */
export async function firstAnswerMs(
  program: Program,
  { cacheDir, signal }: Circumstances,
): Promise<number> {
  const { entrypoint, args, env, status } = program;
  const port = freePort();
  const url = `http://${HOST}:${port}/`;
  // A signature is no work of the function's.
  const { headers, body } = program.request();
  let said = "";
  const startedAt = performance.now();
  const child = spawnDeno({
    root: ROOT,
    entrypoint,
    permissions: functionPermissions(ROOT),
    args,
    env: { ...env, DENO_DIR: cacheDir, DENO_SERVE_ADDRESS: `tcp:${HOST}:${port}` },
    onOutput: (line) => said += `${line}\n`,
  });
  try {
    while (!await answers(port)) {
      signal.throwIfAborted();
      if (child.exitCode !== null || performance.now() - startedAt > TIMEOUT_MS) {
        throw new Error(`${entrypoint} ${args.join(" ")} does not listen:\n${said}`);
      }
      await pause(1);
    }
    const response = await fetch(url, { method: "POST", headers, body, signal });
    const ms = performance.now() - startedAt;
    const text = await response.text();
    if (response.status !== status) throw new Error(`answered ${response.status} ${text}`);
    return ms;
  } finally {
    await end(child);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}
