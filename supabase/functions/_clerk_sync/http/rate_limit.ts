/** Counts one more for a key, and tells in how many seconds to come back once there were too many: null while there were not. */
export type RateLimit = (key: string | number) => number | null;

/** What is counted of a key until its time is over. */
interface Window {
  count: number;
  endsAt: number;
}

/**
 * So many of each key in so many seconds from its first one, in the memory of this process; 0: any number. A key is forgotten
 * when its time is over. `now` is in milliseconds, and never goes back.
 */
export function createRateLimit(
  most: number,
  seconds: number,
  now: () => number = () => performance.now(),
): RateLimit {
  if (most === 0) return () => null;
  const windows = new Map<string | number, Window>();

  return (key) => {
    const at = now();
    forgetEnded(windows, at);
    const window = windows.get(key) ?? { count: 0, endsAt: at + seconds * 1000 };
    windows.set(key, window);
    window.count++;
    return window.count > most ? Math.ceil((window.endsAt - at) / 1000) : null;
  };
}

/** A Map keeps the order in which the windows began: all are equally long, and the first ends first. */
function forgetEnded(windows: Map<string | number, Window>, at: number): void {
  for (const [key, { endsAt }] of windows) {
    if (endsAt > at) return;
    windows.delete(key);
  }
}
