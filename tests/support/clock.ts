/** Runs `act` while the clock stands still at `at`. */
export function atTime<Result>(at: Date, act: () => Result): Result {
  const { now } = Date;
  Date.now = () => at.getTime();
  try {
    return act();
  } finally {
    Date.now = now;
  }
}

/** Runs `act` while every timer is up at once, and tells how long they would have lasted in all. */
export async function withTimersUpAtOnce(act: () => Promise<void>): Promise<number> {
  const { setTimeout } = globalThis;
  let totalMs = 0;
  globalThis.setTimeout = ((up: () => void, ms = 0) => {
    totalMs += ms;
    return setTimeout(up, 1);
  }) as typeof setTimeout;
  try {
    await act();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  return totalMs;
}
