import assert from "node:assert/strict";
import type {
  CallRpc,
  RpcCall,
  RpcResult,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import {
  callTogether,
  PAGE_LIMIT,
  SLOW_MS,
} from "../../supabase/functions/_clerk_sync/database/together.ts";

const APPLIED: RpcResult = { kind: "done", answer: "applied" };
const TIMEOUT: RpcResult = { kind: "failed", code: "timeout" };

/** A call that a database was asked to make, and which a test ends. */
interface Asked {
  call: RpcCall;
  signal: AbortSignal;
  end: (result: RpcResult) => void;
}

/** A database whose calls end when a test says so. */
function startTogether() {
  const asked: Asked[] = [];
  const told: number[] = [];
  const callRpc: CallRpc = (call, signal) =>
    new Promise((end) => {
      asked.push({ call, signal, end });
      signal.addEventListener("abort", () => end(TIMEOUT));
    });
  const together = callTogether(callRpc, (deliveries) => told.push(deliveries));
  const signal = new AbortController().signal;
  return { asked, told, send: (number: number) => together(callOf(number), signal), together };
}

function callOf(number: number): RpcCall {
  return { name: "delete_user", args: { p_external_id: `user_${number}` } };
}

/** What a page of these asks for. */
function pageOf(...numbers: number[]): RpcCall {
  const calls = numbers.map((number) => ({ rpc: "delete_user", arguments: callOf(number).args }));
  return { name: "sync_apply_events", args: { p_calls: calls } };
}

/** Lets go on what waits for nothing but its turn. */
async function settled(): Promise<void> {
  await new Promise((resume) => setTimeout(resume, 0));
}

/** The first call, under way, and `count` others behind it, whose first page is under way as well. */
async function startPage(count: number) {
  const started = startTogether();
  const first = started.send(0);
  const others = Array.from({ length: count }, (_, index) => started.send(index + 1));
  started.asked[0]!.end(APPLIED);
  await first;
  await settled();
  return { ...started, others };
}

Deno.test("a call that meets no other goes at once and by itself", async () => {
  const { asked, told, send } = startTogether();
  for (const number of [1, 2]) {
    const result = send(number);
    assert.deepEqual(asked.at(-1)!.call, callOf(number));
    asked.at(-1)!.end(APPLIED);
    assert.deepEqual(await result, APPLIED);
  }
  assert.deepEqual(told, [1, 1]);
});

Deno.test("what arrives meanwhile waits, goes as one page, and has an answer each", async () => {
  const { asked, told, send } = startTogether();
  const first = send(1);
  const others = [send(2), send(3), send(4)];
  assert.equal(asked.length, 1);
  asked[0]!.end(APPLIED);
  assert.deepEqual(await first, APPLIED);
  await settled();
  assert.deepEqual(asked[1]!.call, pageOf(2, 3, 4));
  const answer = [{ outcome: "applied" }, { error_code: "23503" }, { outcome: "stale" }];
  asked[1]!.end({ kind: "done", answer });
  assert.deepEqual(await Promise.all(others), [
    APPLIED,
    { kind: "refused", code: "23503" },
    { kind: "done", answer: "stale" },
  ]);
  assert.deepEqual([asked.length, told], [2, [1, 3]]);
});

Deno.test("one that waits alone goes by itself", async () => {
  const { asked, others: [only] } = await startPage(1);
  assert.deepEqual(asked[1]!.call, callOf(1));
  asked[1]!.end(APPLIED);
  assert.deepEqual(await only, APPLIED);
});

Deno.test("a page is no longer than the database takes; the rest goes with the next", async () => {
  const { asked, told } = await startPage(PAGE_LIMIT + 3);
  const answer = Array(PAGE_LIMIT).fill({ outcome: "applied" });
  asked[1]!.end({ kind: "done", answer });
  await settled();
  assert.deepEqual(told, [1, PAGE_LIMIT, 3]);
  asked[2]!.end({ kind: "done", answer: answer.slice(0, 3) });
});

Deno.test("what a page did not begin goes first in the next", async () => {
  const { asked, send, others } = await startPage(3);
  const late = send(4);
  asked[1]!.end({ kind: "done", answer: [{ outcome: "applied" }, null, null] });
  await settled();
  assert.deepEqual(asked[2]!.call, pageOf(2, 3, 4));
  asked[2]!.end({ kind: "done", answer: Array(3).fill({ outcome: "applied" }) });
  assert.deepEqual(await Promise.all([...others, late]), Array(4).fill(APPLIED));
});

Deno.test("what a slow page did not begin is sent although nobody else comes", async () => {
  const { asked, others } = await startPage(2);
  await new Promise((resume) => setTimeout(resume, SLOW_MS + 50));
  asked[1]!.end({ kind: "done", answer: [{ outcome: "applied" }, null] });
  await settled();
  assert.deepEqual(asked[2]!.call, callOf(2));
  asked[2]!.end(APPLIED);
  assert.deepEqual(await Promise.all(others), [APPLIED, APPLIED]);
});

Deno.test("one that met another transaction in its page goes alone, and nobody waits for it", async () => {
  const { asked, send, others } = await startPage(2);
  asked[1]!.end({ kind: "done", answer: [{ error_code: "55P03" }, { outcome: "applied" }] });
  assert.deepEqual(await others[1], APPLIED);
  await settled();
  assert.deepEqual(asked[2]!.call, callOf(1));
  send(5);
  assert.deepEqual(asked[3]!.call, callOf(5));
  asked[2]!.end(APPLIED);
  assert.deepEqual(await others[0], APPLIED);
  asked[3]!.end(APPLIED);
});

const UNDONE: [what: string, result: RpcResult][] = [
  ["waited too long for its lock", { kind: "conflict", code: "55P03" }],
  ["was refused at its commit", { kind: "refused", code: "23503" }],
  ["holds a value that the Data API can't read", { kind: "refused", code: "22P02" }],
  ["the database does not know yet", { kind: "failed", code: "PGRST202" }],
];

for (const [what, result] of UNDONE) {
  Deno.test(`a page that ${what} has done nothing: each goes alone`, async () => {
    const { asked, others } = await startPage(2);
    asked[1]!.end(result);
    await settled();
    assert.deepEqual(asked.slice(2).map(({ call }) => call), [callOf(1), callOf(2)]);
    asked[2]!.end(APPLIED);
    asked[3]!.end(result);
    assert.deepEqual(await Promise.all(others), [APPLIED, result]);
  });
}

const UNKNOWN: [what: string, result: RpcResult, expected: RpcResult][] = [
  ["timed out", TIMEOUT, TIMEOUT],
  ["met no database", { kind: "failed", code: "unreachable" }, {
    kind: "failed",
    code: "unreachable",
  }],
  ["the server cancelled", { kind: "failed", code: "57014" }, { kind: "failed", code: "57014" }],
  ["met a server without room", { kind: "failed", code: "53200" }, {
    kind: "failed",
    code: "53200",
  }],
  ["met no page of answers", { kind: "done", answer: "applied" }, {
    kind: "failed",
    code: "unexpected_answer",
  }],
  ["met too few answers", { kind: "done", answer: [{ outcome: "applied" }] }, {
    kind: "failed",
    code: "unexpected_answer",
  }],
];

for (const [what, result, expected] of UNKNOWN) {
  Deno.test(`a page that ${what} is not sent again, and each of it ends so`, async () => {
    const { asked, others } = await startPage(2);
    asked[1]!.end(result);
    assert.deepEqual(await Promise.all(others), [expected, expected]);
    await settled();
    assert.equal(asked.length, 2);
  });
}

Deno.test("answers that are none end each call for itself", async () => {
  const { asked, others } = await startPage(4);
  asked[1]!.end({ kind: "done", answer: [{ outcome: "applied" }, 7, "x", { error_code: 5 }] });
  const unexpected = { kind: "failed", code: "unexpected_answer" };
  assert.deepEqual(await Promise.all(others), [APPLIED, unexpected, unexpected, unexpected]);
});

Deno.test("one that waits too long ends so, and is in no page", async () => {
  const { asked, send, together } = startTogether();
  const first = send(1);
  const waiting = new AbortController();
  const ended = together(callOf(2), waiting.signal);
  const other = send(3);
  waiting.abort();
  assert.deepEqual(await ended, TIMEOUT);
  asked[0]!.end(APPLIED);
  await first;
  await settled();
  assert.deepEqual(asked[1]!.call, callOf(3));
  asked[1]!.end(APPLIED);
  await other;
});

Deno.test("one whose time was over before it came does not wait", async () => {
  const { asked, send, together } = startTogether();
  const first = send(1);
  assert.deepEqual(await together(callOf(2), AbortSignal.abort()), TIMEOUT);
  asked[0]!.end(APPLIED);
  await first;
  await settled();
  assert.equal(asked.length, 1);
});

Deno.test("one whose time is over while its page is under way ends so, and the others go on", async () => {
  const { asked, send, together } = startTogether();
  const first = send(1);
  const impatient = new AbortController();
  const ended = together(callOf(2), impatient.signal);
  const other = send(3);
  asked[0]!.end(APPLIED);
  await first;
  await settled();
  impatient.abort();
  assert.deepEqual(await ended, TIMEOUT);
  assert.equal(asked[1]!.signal.aborted, false);
  asked[1]!.end({ kind: "done", answer: [null, { outcome: "applied" }] });
  assert.deepEqual(await other, APPLIED);
  await settled();
  assert.equal(asked.length, 2);
});

Deno.test("a call that takes long holds up nobody", async () => {
  const { asked, send } = startTogether();
  const slow = send(1);
  const others = [send(2), send(3)];
  await new Promise((resume) => setTimeout(resume, SLOW_MS + 50));
  assert.deepEqual(asked[1]!.call, pageOf(2, 3));
  asked[1]!.end({ kind: "done", answer: Array(2).fill({ outcome: "applied" }) });
  assert.deepEqual(await Promise.all(others), [APPLIED, APPLIED]);
  asked[0]!.end(APPLIED);
  assert.deepEqual(await slow, APPLIED);
});

Deno.test("calls that are no event's wait for nothing", async () => {
  const { asked, send, together, told } = startTogether();
  const first = send(1);
  const call: RpcCall = { name: "sync_status", args: {} };
  const status = together(call, new AbortController().signal);
  assert.deepEqual(asked[1]!.call, call);
  asked[1]!.end({ kind: "done", answer: {} });
  assert.deepEqual(await status, { kind: "done", answer: {} });
  asked[0]!.end(APPLIED);
  await first;
  assert.deepEqual(told, [1]);
});
