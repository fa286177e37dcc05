import { cached } from "../_shared/cached.ts";
import type { CallRpc } from "../_shared/database/rpc.ts";
import { type HealthWord, judgeHealth } from "../_shared/health.ts";
import type { Answer } from "../_shared/http/answer.ts";
import type { Log } from "../_shared/log.ts";
import { readStatus } from "./sync_answers.ts";

/** Anyone may ask: the database is asked once in so long. */
export const HEALTH_FRESH_MS = 5_000;

/** A database that takes longer is not well. */
export const HEALTH_TIMEOUT_MS = 2_000;

/** One word for an uptime monitor. */
export type PublicWord = "ok" | "database" | "misconfigured" | "failing" | "silent";

/** What health is checked with. */
export interface HealthOptions {
  callRpc: CallRpc;
  silentAfterHours: number | null;
  log: Log;
  now?: () => number;
}

/** What needs nobody to get up at night is `ok` to the public. */
const PUBLIC_WORDS: Record<HealthWord, PublicWord> = {
  ok: "ok",
  no_events: "ok",
  rejected: "ok",
  silent: "silent",
  failing: "failing",
  unreachable: "database",
};

/** Checks how the sync is doing, and logs a line whenever that changes. */
export function createCheckHealth(
  { callRpc, silentAfterHours, log, now = Date.now }: HealthOptions,
): () => Promise<PublicWord> {
  let known: PublicWord = "ok";

  return cached(check, HEALTH_FRESH_MS, now);

  async function check(): Promise<PublicWord> {
    const status = await readStatus(callRpc, HEALTH_TIMEOUT_MS);
    const { word, reason } = judgeHealth(status, { now: new Date(now()), silentAfterHours });
    const said = PUBLIC_WORDS[word];
    if (said !== known) log(said === "ok" ? "info" : "error", "health", { word: said, reason });
    known = said;
    return said;
  }
}

/** The answer to the public: the word, and 503 unless it is `ok`. */
export function healthAnswer(word: PublicWord): Answer {
  const headers = { "cache-control": "no-store" };
  return { status: word === "ok" ? 200 : 503, body: word, headers, log: { word } };
}
