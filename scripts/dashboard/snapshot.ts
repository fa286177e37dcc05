import {
  type Health,
  type HealthStatus,
  judgeHealth,
} from "../../supabase/functions/_clerk_sync/health.ts";
import { FOLLOWED_TYPES } from "../../supabase/functions/clerk-webhook/route.ts";
import { type Ask, AskError, type AskRefused, problemOf } from "./ask.ts";

/** What a page shows, but for the list of newest events. */
export interface Snapshot {
  /** When it was taken. */
  at: string;
  /** Host of the project. */
  project: string;
  health: Health & { remedy?: string };
  /** What to give Clerk, while no event has arrived. */
  start?: { webhookUrl: string; eventTypes: readonly string[] };
  /** Null when the database did not answer. */
  data: SnapshotData | null;
}

/** What the database told, as its RPCs return it. */
interface SnapshotData {
  status: SyncStatus;
  /** Events by outcome and time, of each span that the page offers. */
  series: Record<Span, unknown>;
  rows: unknown;
  /** What is in the way of the failed and rejected events. */
  causes: unknown;
}

/** The answer of `sync_status()`, in what is read of it here; the page reads the rest. */
interface SyncStatus extends HealthStatus {
  now: string;
  [part: string]: unknown;
}

/** What a snapshot is made with. */
interface SnapshotSources {
  ask: Ask;
  askRefused: AskRefused;
  project: URL;
  silentAfterHours: number | null;
  /** So many refused events are `refused`; null: no number of them is. */
  refusedAfterEvents: number | null;
  now: () => Date;
}

/** What to do about deliveries that nobody could verify. */
const REFUSED_REMEDY =
  "CLERK_WEBHOOK_SECRET has to be the Signing Secret of the endpoint with this URL: Clerk's Dashboard, Webhooks, the " +
  "endpoint. If its Message Attempts succeed there, another endpoint delivers here, or a stranger.";

/** The spans of the page, in bars that a phone has room for. */
const SPANS = {
  hour: { p_minutes: 60, p_bucket_minutes: 1 },
  day: { p_minutes: 1_440, p_bucket_minutes: 15 },
  week: { p_minutes: 10_080, p_bucket_minutes: 120 },
};
type Span = keyof typeof SPANS;

/** Rows are counted by reading tables, and a day and a week change little: they are asked for less often. */
const SELDOM_MS = 5_000;
const CAUSES = 50;

/** Takes snapshots. Never throws for what a database may do: that is a snapshot too. */
export function createSnapshots(sources: SnapshotSources): () => Promise<Snapshot> {
  const { ask, askRefused, project, silentAfterHours, refusedAfterEvents, now } = sources;
  const clock = () => now().getTime();
  const series = (span: Span) => ask("sync_event_series", SPANS[span]);
  const seldom = (question: () => Promise<unknown>) => cachedAnswer(question, SELDOM_MS, clock);
  const [rows, day, week] = [
    seldom(() => ask("sync_row_counts")),
    seldom(() => series("day")),
    seldom(() => series("week")),
  ];

  async function askAll(): Promise<SnapshotData> {
    const [status, hour, ...others] = await Promise.all([
      ask("sync_status").then(toStatus),
      series("hour"),
      day(),
      week(),
      rows(),
      ask("sync_open_causes", { p_limit: CAUSES }),
    ]);
    return {
      status,
      series: { hour, day: others[0], week: others[1] },
      rows: others[2],
      causes: others[3],
    };
  }

  return async () => {
    const taken = { at: now().toISOString(), project: project.host };
    try {
      const [data, refused] = await Promise.all([askAll(), askRefused()]);
      const health = judgeHealth(data.status, {
        // By the database's own clock, which is the one that the times are of.
        now: new Date(data.status.now),
        silentAfterHours,
        isRefusing: refusedAfterEvents !== null && (refused ?? 0) >= refusedAfterEvents,
      });
      return {
        ...taken,
        health: health.word === "refused" ? { ...health, remedy: REFUSED_REMEDY } : health,
        ...(health.word === "no_events" ? { start: startOf(project) } : {}),
        data,
      };
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      const { reason, remedy } = error.problem;
      return { ...taken, health: { word: "unreachable", reason, remedy }, data: null };
    }
  };
}

function startOf(project: URL): Required<Snapshot>["start"] {
  return {
    webhookUrl: new URL("/functions/v1/clerk-webhook", project).href,
    eventTypes: FOLLOWED_TYPES,
  };
}

/** An answer for so long; a failure is not kept. */
function cachedAnswer(
  question: () => Promise<unknown>,
  ms: number,
  clock: () => number,
): () => Promise<unknown> {
  let kept: { at: number; value: unknown } | null = null;
  return async () => {
    const at = clock();
    if (kept === null || at - kept.at >= ms) kept = { at, value: await question() };
    return kept.value;
  };
}

/** Something else than a Data API may answer without an error. */
function toStatus(answer: unknown): SyncStatus {
  const isStatus = typeof answer === "object" && answer !== null &&
    ["now", "last", "open", "events"].every((part) => part in answer);
  if (isStatus) return answer as SyncStatus;
  throw new AskError(problemOf({ code: "unexpected_answer", status: 200 }));
}

/** Snapshots for whoever watches: however many do, each is taken once. */
export interface Live {
  /** A stream of server-sent events, one snapshot each, the first at once. */
  watch(): ReadableStream<Uint8Array>;
  /** The newest snapshot; a new one when nobody watches. */
  current(): Promise<Snapshot>;
  watchers(): number;
  /** Ends all streams. */
  stop(): void;
}

/** How soon a browser connects again when the page's server is gone. */
const RECONNECT_MS = 1_000;

/** Takes a snapshot every `intervalMs` while somebody watches. */
export function createLive(take: () => Promise<Snapshot>, intervalMs: number): Live {
  const watchers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  let newest: { at: number; snapshot: Snapshot } | null = null;
  let taking: Promise<Snapshot> | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function takeOnce(): Promise<Snapshot> {
    taking ??= take().then((snapshot) => {
      newest = { at: performance.now(), snapshot };
      return snapshot;
    }).finally(() => taking = null);
    return taking;
  }

  function current(): Promise<Snapshot> {
    const isFresh = newest !== null && performance.now() - newest.at < intervalMs;
    return isFresh ? Promise.resolve(newest!.snapshot) : takeOnce();
  }

  async function turn(): Promise<void> {
    const startedAt = performance.now();
    const snapshot = await takeOnce();
    const event = eventOf(snapshot);
    for (const watcher of watchers) send(watcher, event);
    const rest = intervalMs - (performance.now() - startedAt);
    if (watchers.size > 0) timer = setTimeout(turn, Math.max(rest, 0));
    else timer = null;
  }

  /** A reader that takes nothing more is let go: its backlog would grow. It connects again by itself. */
  function send(watcher: ReadableStreamDefaultController<Uint8Array>, event: Uint8Array): void {
    if ((watcher.desiredSize ?? 0) > 0) return watcher.enqueue(event);
    watchers.delete(watcher);
    watcher.close();
  }

  function join(watcher: ReadableStreamDefaultController<Uint8Array>): void {
    watchers.add(watcher);
    timer ??= setTimeout(turn, intervalMs);
    current().then((snapshot) => {
      if (watchers.has(watcher)) send(watcher, eventOf(snapshot));
    });
  }

  return {
    watch() {
      let own: ReadableStreamDefaultController<Uint8Array>;
      return new ReadableStream<Uint8Array>({
        start: (controller) => {
          own = controller;
          join(own);
        },
        cancel: () => void watchers.delete(own),
      }, { highWaterMark: BACKLOG });
    },
    current,
    watchers: () => watchers.size,
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      for (const watcher of watchers) watcher.close();
      watchers.clear();
    },
  };
}

/** So many snapshots may wait for a reader. */
const BACKLOG = 10;

function eventOf(snapshot: Snapshot): Uint8Array {
  return new TextEncoder().encode(`retry: ${RECONNECT_MS}\ndata: ${JSON.stringify(snapshot)}\n\n`);
}
