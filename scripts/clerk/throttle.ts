import PQueue from "p-queue";

/** Clerk counts requests in windows of this length: https://clerk.com/docs/guides/how-clerk-works/system-limits */
export const RATE_WINDOW_MS = 10_000;

/** What Clerk allows in a window, less a tenth for the app that lives on the same limit. */
export function defaultRate(isLive: boolean): number {
  return isLive ? 900 : 90;
}

/** How much is asked of Clerk at once. */
export interface ThrottleOptions {
  /** Requests in ten seconds, whichever ten. */
  rate: number;
  /** Calls under way at once. */
  concurrency: number;
  windowMs?: number;
}

/** Lets calls through as Clerk's rate limit allows. */
export interface Throttle {
  /** Runs a call that sends so many requests, when its turn comes. Rejects when the signal comes before its end. */
  run<Answer>(requests: number, call: () => Promise<Answer>, signal: AbortSignal): Promise<Answer>;
  /** Holds every call back that has not begun, for so long. */
  hold(ms: number): void;
}

/** A sliding window, a bound on calls at once, and a pause for all when Clerk asks for one. */
export function createThrottle(
  { rate, concurrency, windowMs = RATE_WINDOW_MS }: ThrottleOptions,
): Throttle {
  const queue = new PQueue({ intervalCap: rate, interval: windowMs, strict: true, concurrency });
  let heldUntil = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    run: (requests, call, signal) =>
      queue.add(() => {
        // The queue counts calls: for each further request one that does nothing goes before all others.
        for (let more = 1; more < requests; more++) queue.add(() => {}, { priority: 1 });
        return call();
      }, { signal }),
    hold(ms) {
      const until = performance.now() + ms;
      if (until <= heldUntil) return;
      heldUntil = until;
      queue.pause();
      clearTimeout(timer);
      timer = setTimeout(() => queue.start(), ms);
    },
  };
}
