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

/** Runs `act` while every timeout is up at once, and tells how long they would have lasted in all. */
export async function withTimeoutsUpAtOnce(act: () => Promise<void>): Promise<number> {
  const { timeout } = AbortSignal;
  let totalMs = 0;
  AbortSignal.timeout = (ms) => {
    totalMs += ms;
    return timeout.call(AbortSignal, 1);
  };
  try {
    await act();
  } finally {
    AbortSignal.timeout = timeout;
  }
  return totalMs;
}
