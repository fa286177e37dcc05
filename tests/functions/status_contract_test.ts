import assert from "node:assert/strict";
import { SAMPLES, type SampleType } from "../../scripts/simulate/samples.ts";
import type { RpcResult } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { createHandler } from "../../supabase/functions/clerk-webhook/handler.ts";
import {
  BODY_TIMEOUT_MS,
  IN_FLIGHT_LIMIT,
  PLACE_BYTES,
} from "../../supabase/functions/clerk-webhook/receive.ts";
import { withTimersUpAtOnce } from "../support/clock.ts";
import { databaseThat, fakeDatabase, namesOf } from "../support/fake_database.ts";
import { type Difference, OTHER_SECRET, signedRequest } from "../support/signed_request.ts";
import { FOLLOWED, NONSENSE, NOT_FOLLOWED, replyOf, startWebhook } from "../support/webhook.ts";

const APPLIED: RpcResult = { kind: "done", answer: "applied" };
const REFUSED: RpcResult = { kind: "refused", code: "23514" };
const DOWN: RpcResult = { kind: "failed", code: "unreachable" };
const OUTCOMES = ["applied", "duplicate", "stale", "ignored"];

for (const outcome of OUTCOMES) {
  Deno.test(`an event that is ${outcome}, at once or when tried again, is answered 200 ${outcome}`, async () => {
    const webhook = startWebhook({ database: databaseThat({ kind: "done", answer: outcome }) });
    assert.equal(await webhook.deliver({ event: FOLLOWED }), `200 ${outcome}`);
    assert.deepEqual(namesOf(webhook.calls), ["delete_user"]);
    const retried = { outcome, error_code: null, error: null };
    const second = startWebhook({ database: databaseThat(REFUSED, retried) });
    assert.equal(await second.deliver({ event: FOLLOWED }), `200 ${outcome}`);
  });
}

Deno.test("a type that is not followed is answered 200 ignored, and recorded", async () => {
  const webhook = startWebhook();
  assert.equal(await webhook.deliver({ event: NOT_FOLLOWED }), "200 ignored");
  assert.deepEqual(namesOf(webhook.calls), ["record_event"]);
  assert.equal(webhook.calls[0]?.args.p_outcome, "ignored");
});

Deno.test("an event of another instance is answered 200 ignored, and recorded as that", async () => {
  const webhook = startWebhook({ instanceId: "ins_theirs" });
  assert.equal(await webhook.deliver({ event: FOLLOWED }), "200 ignored");
  assert.deepEqual(namesOf(webhook.calls), ["record_event"]);
  assert.equal(webhook.calls[0]?.args.p_error_code, "other_instance");
});

Deno.test("an event that the database ignores, being bound to another instance, is logged as that", async () => {
  const webhook = startWebhook({ database: databaseThat({ kind: "done", answer: "ignored" }) });
  await webhook.deliver({ event: FOLLOWED });
  assert.equal(webhook.calls[0]?.args.p_instance_id, "ins_ours");
  assert.match(webhook.lines.at(-1)!, /"error_code":"other_instance"/);
});

Deno.test("an event of our instance, or of none, is applied", async () => {
  const webhook = startWebhook({ instanceId: "ins_ours" });
  for (const event of [FOLLOWED, { ...FOLLOWED, instance_id: undefined }]) {
    assert.equal(await webhook.deliver({ event }), "200 applied");
  }
});

const UNSIGNED: Record<string, Difference> = {
  "no headers at all": {
    headers: { "svix-id": null, "svix-timestamp": null, "svix-signature": null },
  },
  "another secret's signature": { secret: OTHER_SECRET },
  "a body that is not UTF-8": { sent: new Uint8Array([0x7b, 0xff, 0x7d]) },
  "no body": { sent: null },
  "an overlong id": { id: "m".repeat(300) },
};

for (const [what, difference] of Object.entries(UNSIGNED)) {
  Deno.test(`a delivery with ${what} is answered 401, and the database never hears of it`, async () => {
    const webhook = startWebhook();
    const { said, headers } = await webhook.send(signedRequest(difference));
    assert.equal(said, "401 invalid_signature");
    assert.equal(headers.get("webhook-delivery"), null);
    assert.deepEqual(webhook.calls, []);
  });
}

Deno.test("a signed body that Clerk does not send is recorded as rejected, with where it went wrong", async () => {
  const webhook = startWebhook();
  await webhook.deliver({ event: NONSENSE, id: "msg_7" });
  assert.deepEqual(webhook.calls, [{
    name: "record_event",
    args: {
      p_event_id: "msg_7",
      p_outcome: "rejected",
      p_event_type: "user.deleted",
      p_event_at: null,
      p_object_id: null,
      p_error_code: "invalid_body",
      p_error: "data.id: expected string",
      p_user_external_id: null,
      p_organization_external_id: null,
    },
  }]);
});

const STORED = { outcome: "rejected", error_code: "22003", error: "a value" };
const REJECTED: [what: string, event: object, result: RpcResult, calls: string[]][] = [
  ["a signed body that Clerk does not send", NONSENSE, APPLIED, ["record_event"]],
  [
    "arguments that the Data API can't read",
    FOLLOWED,
    { kind: "refused", code: "PGRST102" },
    ["delete_user", "record_event"],
  ],
  ["values that can't be stored", FOLLOWED, REFUSED, ["delete_user", "sync_retry_event"]],
];

for (const [what, event, result, calls] of REJECTED) {
  Deno.test(`${what}: 422, not to be tried again, and recorded as rejected`, async () => {
    const webhook = startWebhook({ database: databaseThat(result, STORED) });
    const { said, headers } = await webhook.send(signedRequest({ event }));
    assert.equal(said, "422 rejected");
    assert.equal(headers.get("webhook-delivery"), "abort-message");
    assert.deepEqual(namesOf(webhook.calls), calls);
    const { name, args } = webhook.calls.at(-1)!;
    if (name === "record_event") assert.equal(args.p_outcome, "rejected");
  });
}

Deno.test("what the database refuses is called once more, with the same arguments, to be explained", async () => {
  const retried = { outcome: "failed", error_code: "23514", error: "constraint c of public.users" };
  const webhook = startWebhook({ database: databaseThat(REFUSED, retried) });
  assert.equal(await webhook.deliver({ event: FOLLOWED, id: "msg_7" }), "503 unavailable");
  assert.deepEqual(namesOf(webhook.calls), ["delete_user", "sync_retry_event"]);
  const [first, second] = webhook.calls.map(({ args }) => args);
  assert.deepEqual(second, { p_rpc: "delete_user", p_arguments: first });
  assert.equal(first?.p_event_id, "msg_7");
  const line = JSON.parse(webhook.lines.at(-1) ?? "{}");
  assert.deepEqual([line.error_code, line.reason], ["23514", "constraint c of public.users"]);
});

/** What keeps an event from being applied, and the code that it is recorded as failed with. */
const FAILURES: [what: string, result: RpcResult, code: string, retry?: RpcResult][] = [
  ["the database is down", DOWN, "unreachable"],
  ["the database times out", { kind: "failed", code: "timeout" }, "timeout"],
  ["the database has run out of connections", { kind: "failed", code: "53300" }, "53300"],
  ["the database does not know the RPC", { kind: "failed", code: "PGRST202" }, "PGRST202"],
  ["the database conflicts again and again", { kind: "conflict", code: "40001" }, "40001"],
  ["a retry is not known of", REFUSED, "23514", { kind: "failed", code: "PGRST202" }],
  ["a retry is answered with something else", REFUSED, "23514", APPLIED],
];

for (const [what, result, code, retry] of FAILURES) {
  Deno.test(`where ${what}, the answer is 503, to be tried again, and the event recorded as failed`, async () => {
    const database = fakeDatabase(({ name }) => {
      if (name === "record_event") return APPLIED;
      return name === "sync_retry_event" && retry ? retry : result;
    });
    const webhook = startWebhook({ database });
    const { said, headers } = await webhook.send(signedRequest({ event: FOLLOWED, id: "msg_7" }));
    assert.equal(said, "503 unavailable");
    assert.equal(headers.get("webhook-delivery"), null);
    const { name, args } = webhook.calls.at(-1)!;
    assert.deepEqual(
      [name, args.p_event_id, args.p_outcome, args.p_object_id, args.p_error_code],
      ["record_event", "msg_7", "failed", "user_1", code],
    );
  });
}

const WITH_IDS: SampleType[] = [
  "organizationMembership.created",
  "session.created",
  "subscriptionItem.active",
  "subscription.updated",
  "organizationInvitation.accepted",
];

for (const type of WITH_IDS) {
  for (const kind of ["failed", "refused"] as const) {
    Deno.test(`${type} that is ${kind} is recorded with its user and its organization`, async () => {
      const code = kind === "failed" ? "57014" : "PGRST102";
      const webhook = startWebhook({ database: databaseThat({ kind, code }) });
      await webhook.deliver({ event: SAMPLES[type] });
      const [applying, recording] = webhook.calls;
      assert.equal(recording?.name, "record_event");
      const ids = ["p_user_external_id", "p_organization_external_id"];
      const told = [applying!.args.p_snapshots ?? applying!.args].flat()[0] as Record<
        string,
        unknown
      >;
      assert.ok(ids.some((id) => told[id]));
      for (const id of ids) assert.equal(recording.args[id], told[id] ?? null, id);
    });
  }
}

for (const [what, event] of Object.entries({ FOLLOWED, NOT_FOLLOWED, NONSENSE })) {
  Deno.test(`what could not be recorded is answered 503, to be tried again: ${what}`, async () => {
    const webhook = startWebhook({ database: fakeDatabase(() => DOWN) });
    const { status, headers } = await webhook.send(signedRequest({ event }));
    assert.deepEqual([status, headers.get("webhook-delivery")], [503, null]);
    assert.equal(webhook.calls.at(-1)?.name, "record_event");
  });
}

Deno.test("a conflict that the next try wins is answered 200", async () => {
  let tries = 0;
  const database = fakeDatabase(() => ++tries < 3 ? { kind: "conflict", code: "40P01" } : APPLIED);
  const webhook = startWebhook({ database });
  assert.equal(await webhook.deliver({ event: FOLLOWED }), "200 applied");
  assert.deepEqual(namesOf(webhook.calls), ["delete_user", "delete_user", "delete_user"]);
});

/** Ends when the signal does. */
function hang(signal: AbortSignal): Promise<RpcResult> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve({ kind: "failed", code: "timeout" }))
  );
}

const HANGING: [what: string, result: RpcResult | null, calls: string[]][] = [
  ["a database that never answers", null, ["delete_user", "record_event"]],
  ["a ledger that hangs after a refusal", { kind: "refused", code: "PGRST102" }, [
    "delete_user",
    "record_event",
  ]],
  ["a second look that hangs, and enters the event by itself", REFUSED, [
    "delete_user",
    "sync_retry_event",
  ]],
];

for (const [what, result, calls] of HANGING) {
  Deno.test(`${what} is given up within Svix's 15 s`, async () => {
    const database = fakeDatabase(({ name }, signal) =>
      name === "delete_user" && result ? result : hang(signal)
    );
    const webhook = startWebhook({ database });
    const waitedMs = await withTimersUpAtOnce(async () => {
      assert.equal(await webhook.deliver({ event: FOLLOWED }), "503 unavailable");
    });
    assert.deepEqual(namesOf(webhook.calls), calls);
    assert.ok(waitedMs > BODY_TIMEOUT_MS && waitedMs < 15_000, `${waitedMs} ms`);
  });
}

Deno.test("a database client that throws is answered 503, and its message kept back", async () => {
  const database = fakeDatabase(() => {
    throw new TypeError("ada@example.com is not a function");
  });
  const webhook = startWebhook({ database });
  assert.equal(await webhook.deliver({ event: FOLLOWED }), "503 unavailable");
  assert.ok(!webhook.lines.join().includes("ada@"));
});

for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
  Deno.test(`${method} is answered 405, and told to POST`, async () => {
    const webhook = startWebhook();
    const { said, headers } = await webhook.send(signedRequest({ method }));
    assert.equal(said, "405 method_not_allowed");
    assert.equal(headers.get("allow"), "POST");
    assert.deepEqual(webhook.calls, []);
  });
}

Deno.test("what comes while too many are in flight is answered 429 with Retry-After", async () => {
  const held = Promise.withResolvers<RpcResult>();
  const webhook = startWebhook({ database: fakeDatabase(() => held.promise), logLevel: "error" });
  const inFlight = Array.from(
    { length: IN_FLIGHT_LIMIT },
    () => webhook.deliver({ event: FOLLOWED }),
  );
  const { said, headers } = await webhook.send(signedRequest({ event: FOLLOWED }));
  held.resolve(APPLIED);
  assert.equal(said, "429 too_many_requests");
  assert.match(headers.get("retry-after") ?? "", /^\d+$/);
  assert.deepEqual(new Set(await Promise.all(inFlight)), new Set(["200 applied"]));
});

Deno.test("a large body takes the places of many in flight", async () => {
  const held = Promise.withResolvers<RpcResult>();
  const webhook = startWebhook({ database: fakeDatabase(() => held.promise), logLevel: "error" });
  const large = JSON.stringify(FOLLOWED).padEnd(0.4 * IN_FLIGHT_LIMIT * PLACE_BYTES);
  const sent = [large, large, large].map((body) => webhook.send(signedRequest({ body })));

  assert.equal((await Promise.race(sent)).status, 429);
  sent.push(webhook.send(signedRequest({ event: FOLLOWED })));
  held.resolve(APPLIED);
  const statuses = (await Promise.all(sent)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, 200, 200, 429]);
  assert.equal(await webhook.deliver({ body: large }), "200 applied");
});

Deno.test("without a usable configuration every delivery is answered 500 misconfigured", async () => {
  const handle = createHandler(null, () => {});
  const { said, headers } = await replyOf(await handle(signedRequest()));
  assert.equal(said, "500 misconfigured");
  assert.equal(headers.get("webhook-delivery"), null);
});
