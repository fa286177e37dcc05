import assert from "node:assert/strict";
import { projectRpc } from "../../scripts/project/rpc.ts";
import { noTraffic } from "../../scripts/project/persist.ts";
import type { RpcResult } from "../../supabase/functions/_clerk_sync/database/rpc.ts";

const PATIENCE = { retries: 4, firstPauseMs: 1, longestPauseMs: 5 };

/** RPCs that end so, one call after the other; the last way goes on. */
function given(...results: RpcResult[]) {
  const traffic = noTraffic();
  const interruption = new AbortController();
  const callRpc = () => Promise.resolve(results.length > 1 ? results.shift()! : results[0]!);
  const options = { traffic, signal: interruption.signal, onWait: () => {}, patience: PATIENCE };
  return { rpc: projectRpc(callRpc, options), traffic, interruption };
}

const DONE: RpcResult = { kind: "done", answer: { applied: 1, stale: 0 } };

Deno.test("a conflict and what may pass are tried again", async () => {
  const { rpc, traffic } = given(
    { kind: "conflict", code: "40P01" },
    { kind: "failed", code: "unreachable" },
    { kind: "failed", code: "57P01" },
    DONE,
  );
  assert.deepEqual(await rpc("upsert_users"), { applied: 1, stale: 0 });
  assert.deepEqual(traffic, { clerk: 0, project: 4, retries: 3 });
});

Deno.test("patience ends, with the last failure", async () => {
  const { rpc, traffic } = given({ kind: "failed", code: "PGRST002" }, {
    kind: "failed",
    code: "timeout",
  });
  await assert.rejects(rpc("upsert_users"), { kind: "failed", code: "timeout" });
  assert.equal(traffic.project, 1 + PATIENCE.retries);
});

Deno.test("a refusal, a wrong key, a missing function or another kind of server are not tried again", async () => {
  for (const code of ["22P05", "42501", "42883", "PGRST202", "PGRST301", "unexpected_answer"]) {
    const kind = code.startsWith("22") ? "refused" : "failed";
    const { rpc, traffic } = given({ kind, code });
    await assert.rejects(rpc("upsert_users"), { name: "ProjectError", kind, code });
    assert.equal(traffic.project, 1, code);
  }
});

Deno.test("after an interruption a call is still made, but not a second time", async () => {
  const finished = given(DONE);
  finished.interruption.abort();
  assert.deepEqual(await finished.rpc("save_sync_run"), { applied: 1, stale: 0 });
  const failed = given({ kind: "failed", code: "unreachable" });
  failed.interruption.abort();
  await assert.rejects(failed.rpc("save_sync_run"), { code: "unreachable" });
  assert.equal(failed.traffic.project, 1);
});

Deno.test("a call that is done when an interruption comes is done", async () => {
  const interruption = new AbortController();
  const callRpc = (): Promise<RpcResult> => {
    interruption.abort();
    return Promise.resolve(DONE);
  };
  const options = { traffic: noTraffic(), signal: interruption.signal, onWait: () => {} };
  assert.deepEqual(await projectRpc(callRpc, options)("upsert_users"), { applied: 1, stale: 0 });
});
