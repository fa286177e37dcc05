import { deepEqual, equal, match } from "node:assert/strict";
import { type HealthStatus, judgeHealth } from "../../supabase/functions/_clerk_sync/health.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const NEVER = { now: NOW, silentAfterHours: null };

function minutesAgo(minutes: number): string {
  return new Date(NOW.getTime() - minutes * 60_000).toISOString();
}

function status(
  last: HealthStatus["last"],
  open: Partial<HealthStatus["open"]> = {},
): HealthStatus {
  return { last, open: { failed: 0, rejected: 0, ...open } };
}

Deno.test("events that were applied, and none open, are ok", () => {
  equal(judgeHealth(status({ applied: minutesAgo(1) }), NEVER).word, "ok");
});

Deno.test("a database that does not answer is unreachable", () => {
  equal(judgeHealth(null, NEVER).word, "unreachable");
});

Deno.test("a ledger without any event says so, even where silence is judged", () => {
  const nothing = status({ applied: null, stale: null, failed: null });
  equal(judgeHealth(nothing, { now: NOW, silentAfterHours: 1 }).word, "no_events");
});

Deno.test("a failed event is failing until a later delivery settles it", () => {
  const open = status({ applied: minutesAgo(1), failed: minutesAgo(600) }, { failed: 1 });
  deepEqual(judgeHealth(open, NEVER), {
    word: "failing",
    reason: "1 event failed and is still open.",
  });
});

Deno.test("a fresh failure with nothing applied after it is said to go on", () => {
  const fresh = status({ applied: minutesAgo(9), failed: minutesAgo(2) }, { failed: 3 });
  match(judgeHealth(fresh, NEVER).reason, /^3 events failed, and none was applied since/);
  const old = status({ applied: minutesAgo(99), failed: minutesAgo(16) }, { failed: 3 });
  match(judgeHealth(old, NEVER).reason, /are still open/);
});

Deno.test("nothing for longer than the hours that are allowed is silent", () => {
  const quiet = status({ applied: minutesAgo(600), ignored: minutesAgo(121) });
  equal(judgeHealth(quiet, { now: NOW, silentAfterHours: 2 }).word, "silent");
  equal(judgeHealth(quiet, { now: NOW, silentAfterHours: 2.1 }).word, "ok");
  equal(judgeHealth(quiet, NEVER).word, "ok");
});

Deno.test("deliveries that are refused are a word, unless an event was entered of late", () => {
  const refusing = { ...NEVER, isRefusing: true };
  const word = (last: HealthStatus["last"], open = {}) =>
    judgeHealth(status(last, open), refusing).word;
  equal(word({}), "refused");
  equal(word({ applied: minutesAgo(16) }), "refused");
  for (const outcome of ["applied", "stale", "rejected", "failed"]) {
    equal(word({ [outcome]: minutesAgo(15) }), "ok", outcome);
  }
  // It may be the doctor's own, signed with the very secret that is wrong.
  equal(word({ ignored: minutesAgo(1) }), "refused");
  equal(word({ failed: minutesAgo(60) }, { failed: 1 }), "failing");
  equal(
    judgeHealth(status({ applied: minutesAgo(600) }), { ...refusing, silentAfterHours: 1 }).word,
    "refused",
  );
  equal(judgeHealth(null, refusing).word, "unreachable");
});

Deno.test("the reason of a failure names what refuses", () => {
  const open = { failed: 2, rejected: 0, newest_error: "P0001: function public.notify" };
  const { reason } = judgeHealth({ ...status({}), open }, NEVER);
  equal(reason, "2 events failed and are still open (the newest: P0001: function public.notify).");
});

Deno.test("a rejected event is a warning of its own, behind failures and silence", () => {
  const rejected = status({ applied: minutesAgo(90) }, { rejected: 2 });
  match(judgeHealth(rejected, NEVER).reason, /^2 events were rejected/);
  equal(judgeHealth(rejected, NEVER).word, "rejected");
  equal(judgeHealth(rejected, { now: NOW, silentAfterHours: 1 }).word, "silent");
  equal(judgeHealth({ ...rejected, open: { failed: 1, rejected: 2 } }, NEVER).word, "failing");
});
