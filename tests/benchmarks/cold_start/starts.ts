import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { signDelivery, type SignedDelivery } from "../../../scripts/simulate/delivery.ts";
import { SAMPLES } from "../../../scripts/simulate/samples.ts";
import { answers, freePort, HOST } from "../../../scripts/stack/ports.ts";
import { EDGE_DENO } from "../../support/edge_deno.ts";
import { by } from "../measuring.ts";

const ROOT = join(import.meta.dirname!, "..", "..", "..");
const TIMEOUT_MS = 30_000;
const PERMISSIONS = ["--allow-net", "--allow-env", "--allow-read"];

/** A program that serves HTTP, the first request that it gets, and how it has to answer that. */
export interface Program {
  entrypoint: string;
  env: Record<string, string>;
  request: () => SignedDelivery;
  status: number;
}

const SECRET = `whsec_${btoa("signs in this benchmark alone")}`;
/** The webhook as it is written, in modules. */
export const WEBHOOK = join(ROOT, "supabase", "functions", "clerk-webhook", "index.ts");

const PROBE = join(import.meta.dirname!, "probe.ts");
const SERVE_AT = join(ROOT, "tests", "support", "serve_at.ts");

/** The webhook, in modules or in one file, which is sent a signed delivery and applies it. */
export function webhook(entrypoint: string, databaseUrl: string): Program {
  return {
    entrypoint,
    env: {
      CLERK_WEBHOOK_SECRET: SECRET,
      SUPABASE_URL: databaseUrl,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sb_secret_of_this_benchmark" }),
    },
    request: () => {
      const body = JSON.stringify(SAMPLES["user.created"]);
      return signDelivery({ id: `msg_${randomUUID()}`, body, secret: SECRET, at: new Date() });
    },
    status: 200,
  };
}

/** The webhook, which is sent something that nobody signed. */
export function webhookUnsigned(entrypoint: string, databaseUrl: string): Program {
  return {
    ...webhook(entrypoint, databaseUrl),
    request: () => ({ headers: {}, body: "{}" }),
    status: 401,
  };
}

/** A program that answers, and does nothing else but import these. */
export function importing(...specifiers: string[]): Program {
  return {
    entrypoint: PROBE,
    env: specifiers.length > 0 ? { IMPORTS: specifiers.join(" ") } : {},
    request: () => ({ headers: {}, body: "" }),
    status: 200,
  };
}

/** What Deno has from earlier starts: all that it keeps, as at most starts of the local stack, or nothing. */
export const CACHES = ["warm", "empty"] as const;

/** One of them. */
export type Cache = (typeof CACHES)[number];

/** How often each program is started, and with what caches. */
export interface StartOptions {
  cache: Cache;
  rounds: number;
  signal: AbortSignal;
}

/** Starts programs by turns, so that all of them meet the same moods of the machine: the times of each, in milliseconds. */
export async function startByTurns<Name extends string>(
  programs: Record<Name, Program>,
  { cache, rounds, signal }: StartOptions,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(programs) as Name[];
  const times = by(names, (): number[] => []);
  await using kept = await cacheDir();
  // V8 keeps code of the second run of a program at the earliest.
  for (let run = 0; run < (cache === "warm" ? 2 : 0); run++) {
    for (const name of names) await firstAnswerMs(programs[name], { cacheDir: kept.path, signal });
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      await using fresh = await cacheDir();
      const { path } = cache === "warm" ? kept : fresh;
      times[name].push(await firstAnswerMs(programs[name], { cacheDir: path, signal }));
    }
  }
  return times;
}

async function cacheDir(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "cache-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** From the start of a process, on the Deno of the Edge Runtime, to its first answer: milliseconds. */
async function firstAnswerMs(
  program: Program,
  { cacheDir, signal }: { cacheDir: string; signal: AbortSignal },
): Promise<number> {
  const { entrypoint, env, status } = program;
  const port = freePort();
  const url = `http://${HOST}:${port}/`;
  // A signature is no work of the function's.
  const { headers, body } = program.request();
  let said = "";
  const startedAt = performance.now();
  const flags = ["--no-prompt", `--config=${join(ROOT, "deno.json")}`, ...PERMISSIONS];
  const args = ["run", ...flags, SERVE_AT, String(port), pathToFileURL(entrypoint).href];
  const child = spawn(EDGE_DENO, args, {
    cwd: ROOT,
    env: { ...env, DENO_DIR: cacheDir, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const output of [child.stdout, child.stderr]) output.on("data", (text) => said += text);
  try {
    while (!await answers(port)) {
      signal.throwIfAborted();
      if (child.exitCode !== null || performance.now() - startedAt > TIMEOUT_MS) {
        throw new Error(`${entrypoint} ${env.IMPORTS ?? ""} does not listen:\n${said}`);
      }
      await new Promise((resume) => setTimeout(resume, 1));
    }
    const response = await fetch(url, { method: "POST", headers, body, signal });
    const ms = performance.now() - startedAt;
    const text = await response.text();
    if (response.status !== status) throw new Error(`answered ${response.status} ${text}`);
    return ms;
  } finally {
    const isRunning = child.exitCode === null && child.signalCode === null;
    const ended = isRunning && once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}
