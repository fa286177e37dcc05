import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Sql } from "postgres";
import { type Answer, send, signDelivery } from "../../../scripts/simulate/delivery.ts";
import { storyEvent } from "../../../scripts/simulate/story.ts";
import { percentile } from "../percentile.ts";
import { flood, FLOOD_ADDRESS, type FloodResult } from "./unsigned_flood.ts";

/** A stack, and how much is sent to it. */
export interface Scene {
  url: string;
  secret: string;
  sql: Sql;
  seconds: number;
  unsignedPerSecond: number;
  signedPerSecond: number;
  /** Ends it early, with an exception. */
  signal: AbortSignal;
}

/** What became of both. */
export interface SceneResult {
  unsigned: FloodResult;
  signed: {
    sent: number;
    said: Record<string, number>;
    p50Ms: number;
    p95Ms: number;
    maxMs: number;
  };
  /** Events that entered the ledger, and transactions of the database: all that the Data API did, and this benchmark. */
  database: { events: number; transactions: number };
}

/** Sends signed deliveries, evenly, from the same address and at the same time as a flood of unsigned requests. */
export async function signedAmongUnsigned(scene: Scene): Promise<SceneResult> {
  const { url, secret, sql, seconds, unsignedPerSecond, signedPerSecond, signal } = scene;
  const before = await countersOf(sql);

  const flooding = flood({ url, seconds, perSecond: unsignedPerSecond, signal });
  const total = seconds * signedPerSecond;
  const answers = await Promise.all(
    Array.from({ length: total }, async (_, index) => {
      await pause(index / signedPerSecond * 1000, signal);
      const story = { seed: randomUUID(), index: 0, endsAt: Date.now() };
      const body = JSON.stringify(storyEvent("user.created", story));
      const delivery = signDelivery({ id: `msg_${randomUUID()}`, body, secret, at: new Date() });
      const headers = { ...delivery.headers, "cf-connecting-ip": FLOOD_ADDRESS };
      return await send({ ...delivery, headers }, { url, signal });
    }),
  );
  const unsigned = await flooding;

  // The counters of a connection are handed in once a second.
  await pause(2_000, signal);
  signal.throwIfAborted();
  const after = await countersOf(sql);
  const times = answers.map(({ ms }) => ms);
  return {
    unsigned,
    signed: {
      sent: total,
      said: tally(answers),
      p50Ms: percentile(times, 50),
      p95Ms: percentile(times, 95),
      maxMs: percentile(times, 100),
    },
    database: {
      events: after.events - before.events,
      transactions: after.transactions - before.transactions,
    },
  };
}

/** Ends early once the signal aborts, so that what goes on meanwhile is waited for. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}

function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const said = answer.kind === "answered" ? `${answer.status} ${answer.word}` : answer.reason;
    counts[said] = (counts[said] ?? 0) + 1;
  }
  return counts;
}

async function countersOf(sql: Sql): Promise<SceneResult["database"]> {
  const [row] = await sql`
    select
      (select count(*)::int from clerk_sync.events) as events,
      (select (xact_commit + xact_rollback)::int from pg_stat_database where datname = current_database()) as transactions
  `;
  return row as unknown as SceneResult["database"];
}
