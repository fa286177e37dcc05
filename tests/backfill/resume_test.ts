import assert from "node:assert/strict";
import {
  newState,
  parseUnfinished,
  planRun,
  type UnfinishedRun,
} from "../../scripts/backfill/checkpoint.ts";
import type { Conclusion } from "../../scripts/backfill/conduct.ts";
import { KIND_NAMES } from "../../scripts/clerk/kinds.ts";
import { generatedInstance } from "../clerk_api/generated_instance.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { type Ground, groundTest, runBackfill, type Settings } from "./ground.ts";
import { countsOf } from "./tables.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const ID = "5f0d7a31-91a4-4d3e-8a1e-9d6a1c5b0f11";
const HOUR_MS = 3_600_000;

function unfinished({ instanceId = "ins_mine", hoursAgo = 1 } = {}) {
  const state = newState(instanceId);
  state.users = { ...state.users, read: 500, place: { rows: 500, lastIds: ["user_499"] } };
  return { id: ID, state, startedAt: new Date(NOW.getTime() - hoursAgo * HOUR_MS) };
}

function plan(last: UnfinishedRun) {
  return planRun({ instanceId: "ins_mine", last, isRestart: false, now: NOW, newId: () => "new" });
}

Deno.test("a run of another instance, or of yesterday, is left behind, and the reason said", () => {
  assert.match(plan(unfinished({ instanceId: "ins_other" })).leftBehind ?? "", /another instance/);
  assert.match(plan(unfinished({ hoursAgo: 25 })).leftBehind ?? "", /older than a day/);
  assert.equal(plan(unfinished({ hoursAgo: 25 })).runId, "new");
  assert.equal(plan(unfinished({ hoursAgo: 23 })).runId, ID);
});

Deno.test("a run that another version wrote is none to go on with", () => {
  const stored = (state: object) =>
    parseUnfinished({ id: ID, state, started_at: NOW.toISOString(), finished_at: null });
  assert.deepEqual(stored(newState("ins_mine"))?.state, newState("ins_mine"));
  assert.equal(stored({ offset: 500 }), null);
});

const SIZES = { users: 60, organizations: 12, memberships: 90, subscriptions: 30, invitations: 25 };
const COMPLETE = ["60/60/0", "12/12/0", "90/90/0", "30/30/0", "25/25/0"];

function startServer() {
  return startClerkApi({ instance: generatedInstance(SIZES) });
}

/** A run that is interrupted after so many pages. */
function interrupted(
  ground: Ground,
  server: ReturnType<typeof startServer>,
  pages: number,
  settings: Settings = {},
): Promise<Conclusion> {
  const interruption = new AbortController();
  let seen = 0;
  const onPage = () => {
    if (++seen === pages) interruption.abort();
  };
  return runBackfill(ground, server, { ...settings, signal: interruption.signal, onPage });
}

groundTest("backfill: an interrupted run", async (ground, step) => {
  await step("finishes its page, and is gone on with behind it, wherever that is", async () => {
    for (const pages of [1, 3, 6, 7, 8, 10, 17, 20, 23]) {
      await ground.empty();
      await using server = startServer();
      const first = await interrupted(ground, server, pages);
      assert.equal(first.end.kind, "interrupted");
      const read = KIND_NAMES.reduce((sum, name) => sum + first.state[name].read, 0);
      const before = server.requests.length;
      const second = await runBackfill(ground, server);
      assert.deepEqual([second.end.kind, second.isResumed], ["complete", true]);
      assert.deepEqual(
        countsOf(second.state, KIND_NAMES),
        COMPLETE,
        `after ${pages} pages, ${read} rows`,
      );
      const again = server.requests.slice(before).filter((one) => one.includes("/users?"));
      if (pages > 6) assert.deepEqual(again, [], "users were done");
    }
  });

  await step("is not gone on with when --restart says so", async () => {
    await using server = startServer();
    await interrupted(ground, server, 3);
    const { isResumed, state } = await runBackfill(ground, server, { isRestart: true });
    assert.deepEqual([isResumed, countsOf(state)], [false, ["60/30/30", "12/12/0", "90/90/0"]]);
  });

  await step("is not gone on with after a day", async () => {
    await using server = startServer();
    await interrupted(ground, server, 3);
    const now = () => new Date(Date.now() + 25 * HOUR_MS);
    const { isResumed, state } = await runBackfill(ground, server, { now });
    assert.deepEqual([isResumed, countsOf(state)[0]], [false, "60/30/30"]);
  });

  await step("is forgotten with the rows that it wrote", async () => {
    await using server = startServer();
    await interrupted(ground, server, 3);
    await ground.empty();
    const { isResumed, state } = await runBackfill(ground, server);
    assert.deepEqual([isResumed, countsOf(state, KIND_NAMES)], [false, COMPLETE]);
  });

  await step("may go on with other pages than it began with", async () => {
    await using server = startServer();
    await interrupted(ground, server, 8, { limit: 10 });
    const { state } = await runBackfill(ground, server, { limit: 7, concurrency: 1 });
    assert.deepEqual(countsOf(state, KIND_NAMES), COMPLETE);
  });

  await step("that was complete is not gone on with", async () => {
    await using server = startServer();
    await runBackfill(ground, server);
    const { isResumed } = await runBackfill(ground, server);
    assert.equal(isResumed, false);
  });

  await step("interrupted before the first page, has done nothing", async () => {
    await using server = startServer();
    const { end } = await runBackfill(ground, server, { signal: AbortSignal.abort() });
    assert.equal(end.kind, "interrupted");
    const [row] = await ground.sql`select count(*)::int as runs from clerk_sync.runs`;
    assert.equal(row?.runs, 0);
  });
});
