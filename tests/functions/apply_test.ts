import assert from "node:assert/strict";
import { apply, APPLY_TIMEOUT_MS } from "../../supabase/functions/_clerk_sync/database/apply.ts";
import type { CallRpc, RpcResult } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { withTimersUpAtOnce } from "./support/clock.ts";

const CALL = { name: "delete_user", args: { p_external_id: "user_1" } } as const;
const CONFLICT: RpcResult = { kind: "conflict", code: "40001" };
const DONE: RpcResult = { kind: "done", answer: "applied" };

/** A CallRpc that ends its calls one after the other with `results`, the last of them for ever. */
function ending(...results: RpcResult[]) {
  const calls: unknown[] = [];
  const callRpc: CallRpc = (call) => {
    calls.push(call);
    return Promise.resolve(results[Math.min(calls.length, results.length) - 1] ?? DONE);
  };
  return { callRpc, calls };
}

/** A CallRpc that never ends by itself, as one whose database hangs. */
const hanging: CallRpc = (_call, signal) =>
  new Promise((resolve) => {
    const end = () => resolve({ kind: "failed", code: "timeout" });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });

Deno.test("a call that is done is made once", async () => {
  const { callRpc, calls } = ending(DONE);
  assert.deepEqual(await apply(callRpc, CALL), DONE);
  assert.deepEqual(calls, [CALL]);
});

Deno.test("a conflict is tried again, with the same call", async () => {
  const { callRpc, calls } = ending(CONFLICT, CONFLICT, DONE);
  assert.deepEqual(await apply(callRpc, CALL), DONE);
  assert.deepEqual(calls, [CALL, CALL, CALL]);
});

Deno.test("after three conflicts it is over", async () => {
  const { callRpc, calls } = ending(CONFLICT);
  assert.deepEqual(await apply(callRpc, CALL), CONFLICT);
  assert.equal(calls.length, 3);
});

Deno.test("what is unique and was taken just now is tried again, three times in all", async () => {
  const taken: RpcResult = { kind: "refused", code: "23505" };
  const { callRpc, calls } = ending(taken);
  assert.deepEqual(await apply(callRpc, CALL), taken);
  assert.equal(calls.length, 3);
});

for (const kind of ["refused", "failed"] as const) {
  Deno.test(`a call that ${kind === "failed" ? kind : "is refused"} is not tried again`, async () => {
    const { callRpc, calls } = ending({ kind, code: "XX000" }, DONE);
    assert.deepEqual(await apply(callRpc, CALL), { kind, code: "XX000" });
    assert.equal(calls.length, 1);
  });
}

Deno.test("a conflict that is followed by a failure ends with the failure", async () => {
  const failure: RpcResult = { kind: "failed", code: "unreachable" };
  const { callRpc, calls } = ending(CONFLICT, failure, DONE);
  assert.deepEqual(await apply(callRpc, CALL), failure);
  assert.equal(calls.length, 2);
});

Deno.test("a call that hangs is cut off at the deadline", async () => {
  const waitedMs = await withTimersUpAtOnce(async () => {
    assert.deepEqual(await apply(hanging, CALL, 30), { kind: "failed", code: "timeout" });
  });
  assert.equal(waitedMs, 30);
});

Deno.test("the deadline is for all tries together", async () => {
  const signals = new Set<AbortSignal>();
  let tries = 0;
  const callRpc: CallRpc = (call, signal) => {
    signals.add(signal);
    return ++tries === 1 ? Promise.resolve(CONFLICT) : hanging(call, signal);
  };
  assert.deepEqual(await apply(callRpc, CALL, 2_000), { kind: "failed", code: "timeout" });
  assert.equal(tries, 2);
  assert.equal(signals.size, 1);
});

Deno.test("a conflict after the deadline is not tried again", async () => {
  let tries = 0;
  const callRpc: CallRpc = async (call, signal) => {
    tries++;
    await hanging(call, signal);
    return CONFLICT;
  };
  assert.deepEqual(await apply(callRpc, CALL, 10), CONFLICT);
  assert.equal(tries, 1);
});

Deno.test("the deadline leaves room within Svix's 15 s", () => {
  assert.ok(APPLY_TIMEOUT_MS <= 10_000);
});
