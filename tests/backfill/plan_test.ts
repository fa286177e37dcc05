import assert from "node:assert/strict";
import { newState, parseUnfinished, planRun } from "../../scripts/backfill/checkpoint.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const ID = "5f0d7a31-91a4-4d3e-8a1e-9d6a1c5b0f11";
const HOUR_MS = 3_600_000;

function unfinished({ instanceId = "ins_mine", hoursAgo = 1 } = {}) {
  const state = newState(instanceId);
  state.users = { ...state.users, read: 500, place: { rows: 500, lastIds: ["user_499"] } };
  return { id: ID, state, startedAt: new Date(NOW.getTime() - hoursAgo * HOUR_MS) };
}

function plan(last: ReturnType<typeof unfinished> | null, isRestart: boolean = false) {
  return planRun({ instanceId: "ins_mine", last, isRestart, now: NOW, newId: () => "new" });
}

Deno.test("an unfinished run of today is gone on with, under its own id", () => {
  const last = unfinished();
  assert.deepEqual(plan(last), {
    runId: ID,
    state: last.state,
    resumedFrom: last.startedAt,
    leftBehind: null,
  });
});

Deno.test("without an unfinished run, and with --restart, it begins at the beginning", () => {
  for (const begun of [plan(null), plan(unfinished(), true)]) {
    assert.deepEqual(begun, {
      runId: "new",
      state: newState("ins_mine"),
      resumedFrom: null,
      leftBehind: null,
    });
  }
});

Deno.test("a run of another instance, or of yesterday, is left behind, and the reason said", () => {
  assert.match(plan(unfinished({ instanceId: "ins_other" })).leftBehind ?? "", /another instance/);
  assert.match(plan(unfinished({ hoursAgo: 25 })).leftBehind ?? "", /older than a day/);
  assert.equal(plan(unfinished({ hoursAgo: 25 })).runId, "new");
  assert.equal(plan(unfinished({ hoursAgo: 23 })).runId, ID);
});

function stored(changes: object = {}) {
  return {
    id: ID,
    kind: "backfill",
    state: newState("ins_mine"),
    started_at: "2026-11-24T11:00:00.123456+00:00",
    updated_at: "2026-11-24T11:00:01+00:00",
    finished_at: null,
    ...changes,
  };
}

Deno.test("a stored run is read back as it was saved", () => {
  const run = parseUnfinished(JSON.parse(JSON.stringify(stored())));
  assert.deepEqual(run?.state, newState("ins_mine"));
  assert.equal(run?.startedAt.toISOString(), "2026-11-24T11:00:00.123Z");
});

Deno.test("a finished run, no run, and one that another version wrote are none to go on with", () => {
  assert.equal(parseUnfinished(null), null);
  assert.equal(parseUnfinished(stored({ finished_at: "2026-11-24T11:30:00+00:00" })), null);
  assert.equal(parseUnfinished(stored({ state: { offset: 500 } })), null);
});
