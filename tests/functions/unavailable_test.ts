import assert from "node:assert/strict";
import { SAMPLES } from "../../scripts/simulate/samples.ts";
import type { RpcResult } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { BODY_TIMEOUT_MS } from "../../supabase/functions/clerk-webhook/receive.ts";
import { withTimersUpAtOnce } from "./support/clock.ts";
import { databaseThat, fakeDatabase, namesOf } from "./support/fake_database.ts";
import { FOLLOWED, NONSENSE, NOT_FOLLOWED } from "./support/events.ts";
import { signedRequest } from "./support/signed_request.ts";
import { startWebhook } from "./support/webhook.ts";

const FAILURES: Record<string, RpcResult> = {
  "is down": { kind: "failed", code: "unreachable" },
  "times out": { kind: "failed", code: "timeout" },
  "has run out of connections": { kind: "failed", code: "53300" },
  "does not know the RPC": { kind: "failed", code: "PGRST202" },
  "conflicts again and again": { kind: "conflict", code: "40001" },
};

for (const [what, result] of Object.entries(FAILURES)) {
  Deno.test(`while the database ${what}, the answer is 503, to be tried again`, async () => {
    const webhook = startWebhook({ database: databaseThat(result) });
    const { status, body, headers } = await webhook.send(signedRequest({ event: FOLLOWED }));
    assert.deepEqual({ status, body }, { status: 503, body: { error: "unavailable" } });
    assert.equal(headers.get("webhook-delivery"), null);
  });
}

Deno.test("an event that could not be applied is recorded as failed, with the code", async () => {
  const webhook = startWebhook({ database: databaseThat({ kind: "failed", code: "57014" }) });
  await webhook.send(signedRequest({ event: FOLLOWED, id: "msg_7" }));
  assert.deepEqual(namesOf(webhook.calls), ["delete_user", "record_event"]);
  const { p_event_id, p_outcome, p_object_id, p_error_code } = webhook.calls[1]?.args ?? {};
  assert.deepEqual([p_event_id, p_outcome, p_object_id, p_error_code], [
    "msg_7",
    "failed",
    "user_1",
    "57014",
  ]);
});

Deno.test("a membership that could not be applied is recorded with its user and its organization", async () => {
  const webhook = startWebhook({ database: databaseThat({ kind: "failed", code: "57014" }) });
  await webhook.send(signedRequest({ event: SAMPLES["organizationMembership.created"] }));
  assert.deepEqual(namesOf(webhook.calls), ["set_membership", "record_event"]);
  const [applying, recording] = webhook.calls.map(({ args }) => args);
  for (const id of ["p_user_external_id", "p_organization_external_id"]) {
    assert.ok(applying?.[id]);
    assert.equal(recording?.[id], applying[id]);
  }
});

Deno.test("the answer is 503 whether or not the failure could be recorded", async () => {
  const webhook = startWebhook({
    database: fakeDatabase(() => ({ kind: "failed", code: "unreachable" })),
  });
  assert.equal((await webhook.send(signedRequest({ event: FOLLOWED }))).status, 503);
  assert.deepEqual(namesOf(webhook.calls), ["delete_user", "record_event"]);
});

for (const [what, event] of Object.entries({ ignored: NOT_FOLLOWED, rejected: NONSENSE })) {
  Deno.test(`what is to be ${what} is tried again when that could not be recorded`, async () => {
    const webhook = startWebhook({
      database: fakeDatabase(() => ({ kind: "failed", code: "unreachable" })),
    });
    const { status, headers } = await webhook.send(signedRequest({ event }));
    assert.equal(status, 503);
    assert.equal(headers.get("webhook-delivery"), null);
  });
}

Deno.test("a conflict that the next try wins is answered 200", async () => {
  let tries = 0;
  const database = fakeDatabase(() =>
    ++tries < 3 ? { kind: "conflict", code: "40P01" } : { kind: "done", answer: "applied" }
  );
  const webhook = startWebhook({ database });
  const { status, body } = await webhook.send(signedRequest({ event: FOLLOWED }));
  assert.deepEqual({ status, body }, { status: 200, body: { outcome: "applied" } });
  assert.deepEqual(namesOf(webhook.calls), ["delete_user", "delete_user", "delete_user"]);
});

/** Ends when the signal does. */
function hang(_call: unknown, signal: AbortSignal): Promise<RpcResult> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve({ kind: "failed", code: "timeout" }))
  );
}

Deno.test("a database that never answers is given up within Svix's 15 s", async () => {
  const webhook = startWebhook({ database: fakeDatabase(hang) });
  const waitedMs = await withTimersUpAtOnce(async () => {
    assert.equal((await webhook.send(signedRequest({ event: FOLLOWED }))).status, 503);
  });
  assert.deepEqual(namesOf(webhook.calls), ["delete_user", "record_event"]);
  assert.ok(waitedMs > BODY_TIMEOUT_MS && waitedMs < 15_000, `${waitedMs} ms`);
});

Deno.test("a ledger that hangs after a refusal is given up within Svix's 15 s", async () => {
  const database = fakeDatabase((call, signal) =>
    call.name === "record_event" ? hang(call, signal) : { kind: "refused", code: "22001" }
  );
  const webhook = startWebhook({ database });
  const waitedMs = await withTimersUpAtOnce(async () => {
    assert.equal((await webhook.send(signedRequest({ event: FOLLOWED }))).status, 503);
  });
  assert.ok(waitedMs > BODY_TIMEOUT_MS && waitedMs < 15_000, `${waitedMs} ms`);
});

Deno.test("a second look that hangs is given up within Svix's 15 s, and left to enter the event by itself", async () => {
  const database = fakeDatabase((call, signal) =>
    call.name === "retry_event" ? hang(call, signal) : { kind: "refused", code: "P0001" }
  );
  const webhook = startWebhook({ database });
  const waitedMs = await withTimersUpAtOnce(async () => {
    assert.equal((await webhook.send(signedRequest({ event: FOLLOWED }))).status, 503);
  });
  assert.deepEqual(namesOf(webhook.calls), ["delete_user", "retry_event"]);
  assert.ok(waitedMs > BODY_TIMEOUT_MS && waitedMs < 15_000, `${waitedMs} ms`);
});

Deno.test("a database client that throws is answered 503, and its message kept back", async () => {
  const database = fakeDatabase(() => {
    throw new TypeError("ada@example.com is not a function");
  });
  const webhook = startWebhook({ database });
  const { status, body } = await webhook.send(signedRequest({ event: FOLLOWED }));
  assert.deepEqual({ status, body }, { status: 503, body: { error: "unavailable" } });
  assert.ok(!webhook.lines.join().includes("ada@"));
});
