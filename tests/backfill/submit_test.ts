import assert from "node:assert/strict";
import { type Send, submit } from "../../scripts/backfill/submit.ts";
import type { Element } from "../../scripts/clerk/kinds.ts";
import { ProjectError } from "../../scripts/project/rpc.ts";

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
