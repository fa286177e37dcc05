import assert from "node:assert/strict";
import { mapLimited, withTimeout } from "../../supabase/functions/_clerk_sync/async.ts";

/** Lets others go on. */
const pause = (ms = 0) => new Promise((resume) => setTimeout(resume, ms));

Deno.test("all items are mapped, in their order", async () => {
  const results = await mapLimited([30, 0, 20, 10], 2, async (ms) => {
    await pause(ms);
    return ms * 2;
  });
  assert.deepEqual(results, [60, 0, 40, 20]);
});

Deno.test("no more than the limit are under way at once", async () => {
  let [now, most] = [0, 0];
  await mapLimited(Array.from({ length: 50 }), 4, async () => {
    most = Math.max(most, ++now);
    await pause();
    now--;
  });
  assert.equal(most, 4);
});

Deno.test("after the first error nothing is begun", async () => {
  const begun: number[] = [];
  const mapping = mapLimited([0, 1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    await pause();
    if (item === 1) throw new Error("no");
  });
  await assert.rejects(mapping, /no/);
  await pause(20);
  assert.ok(begun.length <= 3, begun.join());
});

Deno.test("a call that takes too long is told to end", async () => {
  const untilTold = (signal: AbortSignal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve("told")));
  assert.equal(await withTimeout(10, untilTold), "told");
});

Deno.test("a call that is done, or failed, in time is never told to end", async () => {
  for (const end of [() => Promise.resolve(), () => Promise.reject(new Error("no"))]) {
    let seen: AbortSignal | undefined;
    const calling = withTimeout(10, (signal) => {
      seen = signal;
      return end();
    });
    await calling.catch(({ message }: Error) => assert.equal(message, "no"));
    await pause(30);
    assert.equal(seen?.aborted, false);
  }
});
