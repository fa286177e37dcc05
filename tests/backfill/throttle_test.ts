import assert from "node:assert/strict";
import { createThrottle, defaultRate } from "../../scripts/clerk/patient_clerk.ts";

const WINDOW_MS = 1_000;

/** What begins so soon after something else is in its window, also where this process was held up in between. */
const SOON_MS = WINDOW_MS / 2;

const NEVER = new AbortController().signal;

/** When each of so many calls began, in ms. */
async function beginnings(
  throttle: ReturnType<typeof createThrottle>,
  calls: number,
  { requests = 1, startedAt = performance.now() } = {},
): Promise<number[]> {
  const times: number[] = [];
  const call = () => Promise.resolve(void times.push(performance.now() - startedAt));
  await Promise.all(Array.from({ length: calls }, () => throttle.run(requests, call, NEVER)));
  return times;
}

Deno.test("in no window more requests begin than the rate allows", async () => {
  const throttle = createThrottle({ rate: 5, concurrency: 50, windowMs: WINDOW_MS });
  const startedAt = performance.now();
  const early = await beginnings(throttle, 1, { startedAt });
  await new Promise((wake) => setTimeout(wake, 0.7 * WINDOW_MS));
  const times = [...early, ...await beginnings(throttle, 12, { startedAt })];
  for (const [index, time] of times.entries()) {
    const soon = times.slice(index).filter((other) => other - time < SOON_MS);
    assert.ok(soon.length <= 5, `${soon.length} within ${SOON_MS} ms: ${times}`);
  }
  assert.ok(times.at(-1)! >= 2 * WINDOW_MS, `${times}`);
});

Deno.test("a call that sends two requests counts twice", async () => {
  const throttle = createThrottle({ rate: 4, concurrency: 50, windowMs: WINDOW_MS });
  const times = await beginnings(throttle, 4, { requests: 2 });
  assert.equal(times.filter((time) => time - times[0]! < SOON_MS).length, 2, `${times}`);
});

Deno.test("no more calls are under way at once than asked for", async () => {
  const throttle = createThrottle({ rate: 1000, concurrency: 3 });
  let underWay = 0;
  let most = 0;
  const call = async () => {
    most = Math.max(most, ++underWay);
    await new Promise((wake) => setTimeout(wake, 2));
    underWay--;
  };
  await Promise.all(Array.from({ length: 12 }, () => throttle.run(1, call, NEVER)));
  assert.equal(most, 3);
});

Deno.test("a pause holds back every call, and a shorter one does not end it", async () => {
  const throttle = createThrottle({ rate: 1000, concurrency: 10 });
  throttle.hold(100);
  throttle.hold(10);
  const times = await beginnings(throttle, 3);
  assert.ok(times.every((time) => time >= 95), `${times}`);
});

Deno.test("an interruption ends the wait", async () => {
  const throttle = createThrottle({ rate: 1000, concurrency: 10 });
  throttle.hold(50);
  const interruption = new AbortController();
  const waiting = throttle.run(1, () => Promise.resolve(), interruption.signal);
  interruption.abort(new Error("interrupted"));
  await assert.rejects(waiting, { message: "interrupted" });
  await throttle.run(1, () => Promise.resolve(), NEVER);
});

Deno.test("by default a tenth of Clerk's limit is left to the app", () => {
  assert.deepEqual([defaultRate(true), defaultRate(false)], [900, 90]);
});
