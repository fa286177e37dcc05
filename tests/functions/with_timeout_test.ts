import assert from "node:assert/strict";
import { withTimeout } from "../../supabase/functions/_clerk_sync/async.ts";

Deno.test("a call that takes too long is told to end", async () => {
  const ended = await withTimeout(
    10,
    (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("told"))),
  );
  assert.equal(ended, "told");
});

Deno.test("a call that is done in time is never told to end", async () => {
  const seen = await withTimeout(10, (signal) => Promise.resolve(signal));
  await new Promise((resume) => setTimeout(resume, 30));
  assert.equal(seen.aborted, false);
});

Deno.test("nor is a call that failed in time", async () => {
  let seen: AbortSignal | undefined;
  const failing = withTimeout(10, (signal) => {
    seen = signal;
    return Promise.reject(new Error("no"));
  });
  await assert.rejects(failing, /^Error: no$/);
  await new Promise((resume) => setTimeout(resume, 30));
  assert.equal(seen?.aborted, false);
});
