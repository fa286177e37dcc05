import { cached } from "../_clerk_sync/async.ts";
import type { CallRpc } from "../_clerk_sync/database/rpc.ts";
import { type Health, type HealthWord, isVouchedFor, judgeHealth } from "../_clerk_sync/health.ts";
import type { Answer } from "../_clerk_sync/http/answer.ts";
import type { Log } from "../_clerk_sync/log.ts";
import type { Stats } from "./stats.ts";
import { readStatus, type SyncStatus } from "./sync_answers.ts";

/** Anyone may ask: the database is asked once in so long. */
export const HEALTH_FRESH_MS = 5_000;

/** A database that takes longer is not well. */
export const HEALTH_TIMEOUT_MS = 2_000;

/** One word for an uptime monitor. */
export type PublicWord = "ok" | "database" | "misconfigured" | "failing" | "refused" | "silent";

/** Refused deliveries are nobody's proof: after so long at a stretch they are not spoken of any more. */
export const REFUSED_AT_MOST_MS = 6 * 3_600_000;

/** What health is checked with. */
export interface HealthOptions {
  callRpc: CallRpc;
  silentAfterHours: number | null;
  /** So many refused events are `refused`; null: no number of them is. */
  refusedAfterEvents: number | null;
  stats: Pick<Stats, "refusals">;
  log: Log;
  now?: () => number;
}

/** What needs nobody to get up at night is `ok` to the public. */
const PUBLIC_WORDS: Record<HealthWord, PublicWord> = {
  ok: "ok",
  no_events: "ok",
  rejected: "ok",
  refused: "refused",
  silent: "silent",
  failing: "failing",
  unreachable: "database",
};

/** Checks how the sync is doing, and logs a line whenever that changes. */
export function createCheckHealth(
  { callRpc, silentAfterHours, refusedAfterEvents, stats, log, now = Date.now }: HealthOptions,
): () => Promise<PublicWord> {
  let known: PublicWord = "ok";
  let refusedSince: number | null = null;

  return cached(check, HEALTH_FRESH_MS, now);

  async function check(): Promise<PublicWord> {
    const status = await readStatus(callRpc, HEALTH_TIMEOUT_MS);
    const { word, reason } = judge(status);
    const said = PUBLIC_WORDS[word];
    if (said !== known) log(said === "ok" ? "info" : "error", "health", { word: said, reason });
    known = said;
    return said;
  }

  function judge(status: SyncStatus | null): Health {
    const context = { now: new Date(now()), silentAfterHours };
    // Nobody is got out of bed by a stranger's forgeries: to the public an event that was entered vouches for the secret.
    const isRefusing = status !== null && refusedAfterEvents !== null &&
      stats.refusals.count() >= refusedAfterEvents && !isVouchedFor(status.last, context.now);
    const health = judgeHealth(status, { ...context, isRefusing });
    refusedSince = health.word === "refused" ? refusedSince ?? now() : null;
    const isWornOut = refusedSince !== null && now() - refusedSince >= REFUSED_AT_MOST_MS;
    return isWornOut ? judgeHealth(status, { ...context, isRefusing: false }) : health;
  }
}

/** The answer to the public: the word, and 503 unless it is `ok`. */
export function healthAnswer(word: PublicWord): Answer {
  const headers = { "cache-control": "no-store" };
  return { status: word === "ok" ? 200 : 503, body: word, headers, log: { word } };
}
