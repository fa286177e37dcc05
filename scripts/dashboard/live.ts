import type { Snapshot } from "./snapshot.ts";

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
