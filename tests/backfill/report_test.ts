import assert from "node:assert/strict";
import { newState, type RunState } from "../../scripts/backfill/checkpoint.ts";
import { formatReport } from "../../scripts/backfill/format.ts";
import {
  exitCodeOf,
  type ReportInput,
  reportOf,
  Stopwatch,
} from "../../scripts/backfill/report.ts";
import { noTraffic } from "../../scripts/project/persist.ts";

const COUNTS = { read: 500, applied: 400, unchanged: 100, rejected: 0 };

function given(changes: Partial<ReportInput> = {}, state: Partial<RunState> = {}) {
  let now = 0;
  const stopwatch = new Stopwatch(() => now);
  stopwatch.begin("users");
  stopwatch.count("users", 300);
  now = 2_000;
  stopwatch.end("users");
  const begun = newState("ins_mine");
  return reportOf({
    outcome: "complete",
    error: null,
    message: null,
    project: "127.0.0.1:54321",
    is_dry_run: false,
    is_resumed: true,
    held: [],
    peak_memory_mb: 180,
    state: { ...begun, users: { ...begun.users, ...COUNTS }, ...state },
    stopwatch,
    traffic: noTraffic(),
    elapsedMs: 2_000,
    ...changes,
  });
}

const rejected = (count: number) => ({
  users: { ...newState("ins_mine").users, rejected: count },
  rejections: Array.from({ length: count }, (_, index) => ({
    kind: "users",
    id: `user_${index}`,
    code: "54000",
  })),
});

Deno.test("counts are those of the whole run, seconds and rate those of this start", () => {
  const { users } = given();
  assert.deepEqual(users, {
    is_done: false,
    is_enabled: true,
    total: null,
    ...COUNTS,
    seconds: 2,
    rows_per_second: 150,
  });
});

Deno.test("the exit code is 1 when something failed or was rejected, 130 when interrupted", () => {
  assert.equal(exitCodeOf(given()), 0);
  assert.equal(exitCodeOf(given({ outcome: "failed" })), 1);
  assert.equal(exitCodeOf(given({}, rejected(1))), 1);
  assert.equal(exitCodeOf(given({ outcome: "interrupted" }, rejected(1))), 130);
});

Deno.test("the last lines say how it ended, and what to do", () => {
  const text = (changes: Partial<ReportInput>) => formatReport(given(changes));
  assert.match(text({}), /\ncomplete in 2 s\n/);
  assert.match(
    text({ outcome: "interrupted" }),
    /\ninterrupted after 2 s; start it again to go on\n/,
  );
  const failed = { outcome: "failed", error: "clerk_unavailable", message: "No answer." } as const;
  assert.match(text(failed), /\nfailed after 2 s: clerk_unavailable\. No answer\.\n/);
  assert.match(text({ is_dry_run: true }), /would apply[^]*complete in 2 s; nothing was written\n/);
});

Deno.test("the first ten rejected objects are shown, and steer no terminal", () => {
  const state = rejected(12);
  state.rejections[0] = { kind: "users", id: "user_\x1b[2J", code: "54000" };
  const text = formatReport(given({}, state));
  assert.equal(text.match(/54000/g)?.length, 10);
  assert.match(text, /\n {2}and 2 more\n/);
  assert.ok(text.includes("user_?[2J"));
});
