import {
  type Health,
  type HealthStatus,
  judgeHealth,
} from "../../supabase/functions/_clerk_sync/health.ts";
import { type Ask, AskError, type AskHealth, problemOf } from "./ask.ts";

/** What a page shows, but for the list of newest events. */
export interface Snapshot {
  /** When it was taken. */
  at: string;
  /** Host of the project. */
  project: string;
  health: Health & { remedy?: string };
  /** Null when the database did not answer. */
  data: SnapshotData | null;
}

/** What the database told, as its RPCs return it. */
interface SnapshotData {
  status: SyncStatus;
  series: unknown;
  rows: unknown;
  /** The newest failed and rejected events. */
  open: unknown;
}

/** The answer of `sync_status()`, in what is read of it here; the page reads the rest. */
interface SyncStatus extends HealthStatus {
  now: string;
  [part: string]: unknown;
}

/** What a snapshot is made with. */
interface SnapshotSources {
  ask: Ask;
  askHealth: AskHealth;
  project: string;
  silentAfterHours: number | null;
  now: () => Date;
}

/** What to do about deliveries that nobody could verify. */
const REFUSED_REMEDY =
  "CLERK_WEBHOOK_SECRET has to be the Signing Secret of the endpoint with this URL: Clerk's Dashboard, Webhooks, the " +
  "endpoint. If its Message Attempts succeed there, another endpoint delivers here, or a stranger.";

/** Minutes that the chart shows. */
const SERIES_MINUTES = 60;
/** Counting rows is the one question that reads tables: it is asked less often. */
const ROWS_EVERY_MS = 5_000;
const OPEN_LIMIT = 50;

/** Takes snapshots. Never throws for what a database may do: that is a snapshot too. */
export function createSnapshots(sources: SnapshotSources): () => Promise<Snapshot> {
  const { ask, askHealth, project, silentAfterHours, now } = sources;
  let rows: { at: number; value: unknown } | null = null;

  async function countRows(): Promise<unknown> {
    const at = now().getTime();
    if (rows === null || at - rows.at >= ROWS_EVERY_MS) {
      rows = { at, value: await ask("sync_row_counts") };
    }
    return rows.value;
  }

  return async () => {
    const at = now().toISOString();
    try {
      const [status, series, counts, open, word] = await Promise.all([
        ask("sync_status").then(toStatus),
        ask("sync_event_series", { p_minutes: SERIES_MINUTES }),
        countRows(),
        ask("sync_list_events", { p_outcomes: ["failed", "rejected"], p_limit: OPEN_LIMIT }),
        askHealth(),
      ]);
      // By the database's own clock, which is the one that the times are of.
      const context = {
        now: new Date(status.now),
        silentAfterHours,
        isRefusing: word === "refused",
      };
      const judged = judgeHealth(status, context);
      const health = judged.word === "refused" ? { ...judged, remedy: REFUSED_REMEDY } : judged;
      return { at, project, health, data: { status, series, rows: counts, open } };
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      const { reason, remedy } = error.problem;
      return {
        at,
        project,
        health: { word: "unreachable", reason, remedy },
        data: null,
      };
    }
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
