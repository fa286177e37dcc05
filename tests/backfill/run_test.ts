import assert from "node:assert/strict";
import { newState, type RunState } from "../../scripts/backfill/checkpoint.ts";
import { formatReport } from "../../scripts/backfill/format.ts";
import {
  exitCodeOf,
  type ReportInput,
  reportOf,
  Stopwatch,
} from "../../scripts/backfill/report.ts";
import { backfill, type Run } from "../../scripts/backfill/run.ts";
import { type Send, submit } from "../../scripts/backfill/submit.ts";
import type { Element } from "../../scripts/clerk/kinds.ts";
import { noTraffic } from "../../scripts/project/persist.ts";
import { ProjectError } from "../../scripts/project/rpc.ts";
import type { ClerkApi, ClerkUser } from "../../supabase/functions/_clerk_sync/clerk/api.ts";

const NOBODY = { items: [], total: 0 };
const ROWS = 40;

/** Clerk with so many users, ten on a page, and nothing else. */
function usersOnly(): ClerkApi {
  const rows = Array.from({ length: ROWS }, (_, index) => ({ id: `row_${index}` }) as ClerkUser);
  const users = ({ after }: { after: string | null }) => {
    const start = rows.findIndex(({ id }) => id === after) + 1;
    return Promise.resolve({ items: rows.slice(start, start + 10), total: ROWS });
  };
  const nothing = () => Promise.resolve(NOBODY);
  const others = {
    organizations: nothing,
    memberships: nothing,
    subscriptionItems: nothing,
    invitations: nothing,
  };
  return { users, ...others } as unknown as ClerkApi;
}

/** Runs with a database and a checkpoint of this process; `log` tells what was done of how many users. */
async function run({ send, save }: { send?: Send; save?: Run["save"] }) {
  const log: string[] = [];
  let written = 0;
  const defaultSend: Send = (page) => Promise.resolve({ applied: page.length, unchanged: 0 });
  const end = await backfill({
    clerk: usersOnly(),
    pages: { limit: 10, concurrency: 2 },
    state: newState("ins_mine"),
    send: () => async (page) => {
      const counts = await (send ?? defaultSend)(page);
      written += page.length;
      log.push(`wrote ${written}`);
      return counts;
    },
    save: async (state: RunState) => {
      log.push(`saved ${state.users.read}`);
      await save?.(state);
    },
    signal: new AbortController().signal,
    progress: { begin() {}, step() {}, note() {}, end() {} },
    stopwatch: new Stopwatch(() => 0),
  });
  return { end, log };
}

/** Fails at one user. */
function failingAt(id: string): Send {
  return (page) =>
    page.some(({ p_external_id }) => p_external_id === id)
      ? Promise.reject(new Error("not written"))
      : Promise.resolve({ applied: page.length, unchanged: 0 });
}

Deno.test("a page counts as done after it was written, and never before", async () => {
  const { end, log } = await run({});
  assert.equal(end.kind, "complete");
  const done = (line: string) => Number(line.split(" ")[1]);
  let written = 0;
  for (const line of log) {
    if (line.startsWith("wrote")) written = done(line);
    else assert.ok(done(line) <= written, `${line}, and wrote ${written}`);
  }
  assert.equal(written, ROWS);
  assert.equal(log.filter((line) => line === `saved ${ROWS}`).length > 0, true);
});

Deno.test("a page that can't be written ends the run, which has saved the page before", async () => {
  const { end, log } = await run({ send: failingAt("row_25") });
  assert.equal(end.kind, "failed");
  assert.match(end.kind === "failed" ? end.at : "", /^users, the page after row 20, row_19$/);
  assert.deepEqual(log.filter((line) => line.startsWith("saved")), ["saved 10", "saved 20"]);
});

Deno.test("saves don't overtake each other, however long they take", async () => {
  const saved: number[] = [];
  let underWay = 0;
  await run({
    save: async ({ users }) => {
      assert.equal(++underWay, 1);
      await new Promise((wake) => setTimeout(wake, Math.random() * 5));
      saved.push(users.read);
      underWay--;
    },
  });
  assert.deepEqual(saved.slice(0, 4), [10, 20, 30, 40]);
});

Deno.test("a checkpoint that can't be saved ends the run, also the last one", async () => {
  const failing = (isLast: boolean) => async (state: RunState) => {
    await Promise.resolve();
    if (!isLast || state.invitations.isDone) throw new Error("not saved");
  };
  for (const isLast of [false, true]) {
    const { end } = await run({ save: failing(isLast) });
    assert.equal(end.kind === "failed" && (end.error as Error).message, "not saved");
  }
});

function elements(count: number): Element[] {
  return Array.from(
    { length: count },
    (_, index) => ({ p_external_id: `user_${index}`, p_updated_at: null, p_event_at: null }),
  );
}

/** A database that refuses every page with an element that `isPoison` names. */
function database(isPoison: (element: Element) => boolean) {
  const stored: string[] = [];
  let calls = 0;
  const send: Send = (page) => {
    calls++;
    if (page.some(isPoison)) return Promise.reject(new ProjectError("refused", "54000"));
    stored.push(...page.map(({ p_external_id }) => p_external_id));
    return Promise.resolve({ applied: page.length, unchanged: 0 });
  };
  return { send, stored, calls: () => calls };
}

Deno.test("a page that the database takes is one call", async () => {
  const { send, calls } = database(() => false);
  const outcome = await submit(elements(500), send);
  assert.deepEqual(outcome, { applied: 500, unchanged: 0, rejected: [] });
  assert.equal(calls(), 1);
});

Deno.test("of a page with an object that can't be stored, all others are stored, in few calls", async () => {
  const { send, stored, calls } = database(({ p_external_id }) => p_external_id === "user_123");
  const outcome = await submit(elements(500), send);
  assert.deepEqual(outcome, {
    applied: 499,
    unchanged: 0,
    rejected: [{ id: "user_123", code: "54000" }],
  });
  const others = elements(500).map(({ p_external_id }) => p_external_id)
    .filter((id) => id !== "user_123");
  assert.deepEqual(stored, others);
  assert.ok(calls() < 25, `${calls()} calls`);
});

Deno.test("another failure than a refusal is the page's", async () => {
  const failure = new ProjectError("failed", "57P01");
  await assert.rejects(submit(elements(3), () => Promise.reject(failure)), failure);
});

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
  const text = (changes: Partial<ReportInput>) => formatReport(given(changes), 80);
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
  const text = formatReport(given({}, state), 80);
  assert.equal(text.match(/54000/g)?.length, 10);
  assert.match(text, /\n {2}and 2 more\n/);
  assert.ok(text.includes("user_?[2J"));
});
