/** The result is kept in the project, where sync_status shows it. */
import assert from "node:assert/strict";
import type { DriftState } from "../../scripts/drift/report.ts";
import { type Ground, groundTest, synced } from "../backfill/ground.ts";
import { traceOf } from "../backfill/tables.ts";
import { crowd, oldInstance } from "../backfill/worlds.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { check, repair } from "./ground.ts";

interface LastCheck {
  finished_at: string;
  state: DriftState;
}

async function lastCheck({ sql }: Ground): Promise<LastCheck> {
  const [row] = await sql`select public.sync_status() -> 'last_drift_check' as last`;
  return row?.last;
}

groundTest("drift: sync_status", async (ground, step) => {
  await step("shows when it was checked and what was found", async () => {
    await using server = await synced(ground);
    await ground.sql`update public.users set email = 'x@example.com'`;
    server.instance.removeMembership("orgmem_navy");
    const startedAt = Date.now();
    await check(ground, server);
    const { state, finished_at } = await lastCheck(ground);
    const endedAt = Date.now();
    const { started_at, seconds, ...rest } = state;
    const times = [startedAt - 1, Date.parse(started_at), Date.parse(finished_at), endedAt + 1];
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
    assert.ok(seconds <= Math.ceil((endedAt - startedAt) / 1000), `${seconds} s`);
    assert.partialDeepStrictEqual(rest, {
      outcome: "drift",
      error: null,
      exit_code: 1,
      is_complete: true,
      is_repair: false,
      instance_id: server.instanceId,
      users: {
        different: 3,
        left: 3,
        compared: 3,
        here: 3,
        examples: { different: ["user_ada", "user_grace", "user_linus"] },
      },
      organizations: { compared: 2, here: 2, left: 0, examples: {} },
      memberships: {
        extra: 1,
        compared: 3,
        here: 4,
        left: 1,
        examples: { extra: ["orgmem_navy"] },
      },
    });
  });

  await step("shows what a repair did", async () => {
    await using server = await synced(ground);
    server.instance.deleteUser("user_grace");
    server.instance.changeUser("user_ada", { username: "ada" });
    await repair(ground, server);
    const { state } = await lastCheck(ground);
    assert.partialDeepStrictEqual(state, {
      outcome: "repaired",
      is_repair: true,
      exit_code: 0,
      users: { stale: 1, extra: 1, repaired: 2, removed: 1, left: 0 },
      memberships: { with_parent: 2, left: 0 },
    });
  });

  await step("holds twenty ids of a kind at most, and nothing personal", async () => {
    const instance = crowd(60, oldInstance());
    await using server = startClerkApi({ instance });
    await check(ground, server, { limit: 50, keepsAll: true });
    const { state } = await lastCheck(ground);
    assert.deepEqual([state.users?.missing, state.users?.examples.missing?.length], [60, 20]);
    assert.doesNotMatch(JSON.stringify(state), /example\.com|Lovelace/);
  });

  await step("shows a check that could not tell, and why", async () => {
    await using server = await synced(ground);
    server.faults.always({ kind: "html" }, (path) => path === "/v1/organizations");
    await check(ground, server);
    const { state } = await lastCheck(ground);
    const { outcome, error, is_complete, exit_code } = state;
    assert.deepEqual([outcome, error, is_complete, exit_code], [
      "could_not_tell",
      "clerk_invalid_answer",
      false,
      2,
    ]);
  });

  await step("is left as it is by --no-record", async () => {
    await using server = await synced(ground);
    const trace = await traceOf(ground);
    const { outcome } = await check(ground, server, { isRecorded: false });
    assert.deepEqual([outcome, await traceOf(ground)], ["in_sync", trace]);
  });

  await step("that can't be written makes the check one that could not tell", async () => {
    await using server = await synced(ground);
    const report = await check(ground, server, {
      around: (callRpc) => (call, signal) =>
        call.name === "sync_save_run"
          ? Promise.resolve({ kind: "failed", code: "unreachable" })
          : callRpc(call, signal),
    });
    assert.deepEqual([report.exit_code, report.error], [2, "project_unavailable"]);
    assert.match(report.message!, /the keeping of the result/);
  });
});
