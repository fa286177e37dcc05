import assert from "node:assert/strict";
import type { RpcResult, SyncOutcome } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { createHandler } from "../../supabase/functions/clerk-webhook/handler.ts";
import {
  BODY_LIMIT_BYTES,
  IN_FLIGHT_LIMIT,
  PLACE_BYTES,
} from "../../supabase/functions/clerk-webhook/receive.ts";
import { FOLLOWED, NONSENSE, NOT_FOLLOWED } from "./support/events.ts";
import { databaseThat, fakeDatabase, namesOf } from "./support/fake_database.ts";
import { OTHER_SECRET, signedRequest } from "./support/signed_request.ts";
import { replyOf, startWebhook } from "./support/webhook.ts";

const OUTCOMES: SyncOutcome[] = ["applied", "duplicate", "stale", "ignored"];

function secondsFromNow(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}

for (const outcome of OUTCOMES) {
  Deno.test(`an event that is ${outcome} is answered 200 ${outcome}`, async () => {
    const webhook = startWebhook({ database: databaseThat({ kind: "done", answer: outcome }) });
    const { status, body } = await webhook.send(signedRequest({ event: FOLLOWED }));
    assert.deepEqual({ status, body }, { status: 200, body: { outcome } });
    assert.deepEqual(namesOf(webhook.calls), ["delete_user"]);
  });
}

Deno.test("a type that is not followed is answered 200 ignored, and recorded", async () => {
  const webhook = startWebhook();
  const { status, body } = await webhook.send(signedRequest({ event: NOT_FOLLOWED }));
  assert.deepEqual({ status, body }, { status: 200, body: { outcome: "ignored" } });
  assert.deepEqual(namesOf(webhook.calls), ["record_event"]);
  assert.equal(webhook.calls[0]?.args.p_outcome, "ignored");
});

Deno.test("an event of another instance is answered 200 ignored, and recorded as that", async () => {
  const webhook = startWebhook({ instanceId: "ins_theirs" });
  const { status, body } = await webhook.send(signedRequest({ event: FOLLOWED }));
  assert.deepEqual({ status, body }, { status: 200, body: { outcome: "ignored" } });
  assert.deepEqual(namesOf(webhook.calls), ["record_event"]);
  assert.equal(webhook.calls[0]?.args.p_error_code, "other_instance");
});

Deno.test("an event that the database ignores, being bound to another instance, is logged as that", async () => {
  const webhook = startWebhook({ database: databaseThat({ kind: "done", answer: "ignored" }) });
  await webhook.send(signedRequest({ event: FOLLOWED }));
  assert.equal(webhook.calls[0]?.args.p_instance_id, "ins_ours");
  assert.match(webhook.lines.at(-1)!, /"error_code":"other_instance"/);
});

Deno.test("an event of our instance, or of none, is applied", async () => {
  const webhook = startWebhook({ instanceId: "ins_ours" });
  for (const event of [FOLLOWED, { ...FOLLOWED, instance_id: undefined }]) {
    assert.deepEqual((await webhook.send(signedRequest({ event }))).body, { outcome: "applied" });
  }
});

const UNSIGNED: Record<string, () => Request> = {
  "no headers at all": () =>
    signedRequest({
      headers: { "svix-id": null, "svix-timestamp": null, "svix-signature": null },
    }),
  "no signature": () => signedRequest({ headers: { "svix-signature": null } }),
  "a signature made up": () => signedRequest({ headers: { "svix-signature": "v1,bm8=" } }),
  "another secret's signature": () => signedRequest({ secret: OTHER_SECRET }),
  "another body": () => signedRequest({ sent: JSON.stringify(NOT_FOLLOWED) }),
  "a timestamp of ten minutes ago": () => signedRequest({ at: secondsFromNow(-600) }),
  "a timestamp in ten minutes": () => signedRequest({ at: secondsFromNow(600) }),
  "a body that is not UTF-8": () => signedRequest({ sent: new Uint8Array([0x7b, 0xff, 0x7d]) }),
  "no body": () => signedRequest({ sent: null }),
  "an overlong id": () => signedRequest({ id: "m".repeat(300) }),
};

for (const [what, request] of Object.entries(UNSIGNED)) {
  Deno.test(`a delivery with ${what} is answered 401, and the database never hears of it`, async () => {
    const webhook = startWebhook();
    const { status, body, headers } = await webhook.send(request());
    assert.deepEqual({ status, body }, { status: 401, body: { error: "invalid_signature" } });
    assert.equal(headers.get("webhook-delivery"), null);
    assert.deepEqual(webhook.calls, []);
  });
}

Deno.test("a signed body that Clerk does not send is answered 422, not to be tried again", async () => {
  const webhook = startWebhook();
  const { status, body, headers } = await webhook.send(signedRequest({ event: NONSENSE }));
  assert.deepEqual({ status, body }, { status: 422, body: { error: "rejected" } });
  assert.equal(headers.get("webhook-delivery"), "abort-message");
});

Deno.test("a signed body that Clerk does not send is recorded as rejected, with where it went wrong", async () => {
  const webhook = startWebhook();
  await webhook.send(signedRequest({ event: NONSENSE, id: "msg_7" }));
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

Deno.test("arguments that the Data API can't read are answered 422 and recorded as rejected", async () => {
  const webhook = startWebhook({ database: databaseThat({ kind: "refused", code: "PGRST102" }) });
  assert.equal((await webhook.send(signedRequest({ event: FOLLOWED }))).status, 422);
  assert.deepEqual(namesOf(webhook.calls), ["delete_user", "record_event"]);
  const { p_outcome, p_error_code } = webhook.calls[1]?.args ?? {};
  assert.deepEqual([p_outcome, p_error_code], ["rejected", "PGRST102"]);
});

const REFUSED: RpcResult = { kind: "refused", code: "23514" };

Deno.test("what the database refuses is called once more, with the same arguments, to be explained", async () => {
  const retried = { outcome: "failed", error_code: "23514", error: "function public.notify" };
  const webhook = startWebhook({ database: databaseThat(REFUSED, retried) });
  await webhook.send(signedRequest({ event: FOLLOWED, id: "msg_7" }));
  assert.deepEqual(namesOf(webhook.calls), ["delete_user", "retry_event"]);
  const [first, second] = webhook.calls.map(({ args }) => args);
  assert.deepEqual(second, { p_rpc: "delete_user", p_arguments: first });
  assert.equal(first?.p_event_id, "msg_7");
});

Deno.test("values that can't be stored are answered 422, not to be tried again", async () => {
  const retried = { outcome: "rejected", error_code: "22003", error: "a value" };
  const webhook = startWebhook({ database: databaseThat(REFUSED, retried) });
  const { status, body, headers } = await webhook.send(signedRequest({ event: FOLLOWED }));
  assert.deepEqual({ status, body }, { status: 422, body: { error: "rejected" } });
  assert.equal(headers.get("webhook-delivery"), "abort-message");
});

Deno.test("what a rule of the database's own refuses is answered 503, and the log names it", async () => {
  const retried = { outcome: "failed", error_code: "23514", error: "constraint c of public.users" };
  const webhook = startWebhook({ database: databaseThat(REFUSED, retried) });
  const { status, body, headers } = await webhook.send(signedRequest({ event: FOLLOWED }));
  assert.deepEqual({ status, body }, { status: 503, body: { error: "unavailable" } });
  assert.equal(headers.get("webhook-delivery"), null);
  const line = JSON.parse(webhook.lines.at(-1) ?? "{}");
  assert.deepEqual([line.error_code, line.reason], ["23514", "constraint c of public.users"]);
});

for (const outcome of OUTCOMES) {
  Deno.test(`a retry that is ${outcome} is answered 200 ${outcome}`, async () => {
    const retried = { outcome, error_code: null, error: null };
    const webhook = startWebhook({ database: databaseThat(REFUSED, retried) });
    const { status, body } = await webhook.send(signedRequest({ event: FOLLOWED }));
    assert.deepEqual({ status, body }, { status: 200, body: { outcome } });
  });
}

for (
  const [what, answer] of Object.entries(
    {
      "does not know of retrying": { kind: "failed", code: "PGRST202" },
      "answers a retry with something else": { kind: "done", answer: "applied" },
    } satisfies Record<string, RpcResult>,
  )
) {
  Deno.test(`where the database ${what}, a refused event is recorded as failed, with its first code`, async () => {
    const database = fakeDatabase(({ name }) => {
      if (name === "record_event") return { kind: "done", answer: "applied" };
      return name === "retry_event" ? answer : REFUSED;
    });
    const webhook = startWebhook({ database });
    assert.equal((await webhook.send(signedRequest({ event: FOLLOWED }))).status, 503);
    const { name, args } = webhook.calls.at(-1) ?? {};
    assert.deepEqual([name, args?.p_outcome, args?.p_error_code], [
      "record_event",
      "failed",
      "23514",
    ]);
  });
}

for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
  Deno.test(`${method} is answered 405, and told to POST`, async () => {
    const webhook = startWebhook();
    const { status, body, headers } = await webhook.send(signedRequest({ method }));
    assert.deepEqual({ status, body }, { status: 405, body: { error: "method_not_allowed" } });
    assert.equal(headers.get("allow"), "POST");
    assert.deepEqual(webhook.calls, []);
  });
}

Deno.test("a body that is too large is answered 413", async () => {
  const webhook = startWebhook();
  const request = signedRequest({ body: " ".repeat(BODY_LIMIT_BYTES + 1) });
  const { status, body } = await webhook.send(request);
  assert.deepEqual({ status, body }, { status: 413, body: { error: "too_large" } });
  assert.deepEqual(webhook.calls, []);
});

Deno.test("what comes while too many are in flight is answered 429 with Retry-After", async () => {
  const held = Promise.withResolvers<RpcResult>();
  const webhook = startWebhook({ database: fakeDatabase(() => held.promise), logLevel: "error" });
  const inFlight = Array.from(
    { length: IN_FLIGHT_LIMIT },
    () => webhook.send(signedRequest({ event: FOLLOWED })),
  );

  const { status, body, headers } = await webhook.send(signedRequest({ event: FOLLOWED }));
  held.resolve({ kind: "done", answer: "applied" });
  const statuses = (await Promise.all(inFlight)).map((reply) => reply.status);

  assert.deepEqual({ status, body }, { status: 429, body: { error: "too_many_requests" } });
  assert.match(headers.get("retry-after") ?? "", /^\d+$/);
  assert.ok(statuses.every((heldStatus) => heldStatus === 200));
});

Deno.test("a large body takes the places of many in flight", async () => {
  const held = Promise.withResolvers<RpcResult>();
  const webhook = startWebhook({ database: fakeDatabase(() => held.promise), logLevel: "error" });
  const large = JSON.stringify(FOLLOWED).padEnd(0.4 * IN_FLIGHT_LIMIT * PLACE_BYTES);
  const sent = [large, large, large].map((body) => webhook.send(signedRequest({ body })));

  assert.equal((await Promise.race(sent)).status, 429);
  sent.push(webhook.send(signedRequest({ event: FOLLOWED })));
  held.resolve({ kind: "done", answer: "applied" });
  const statuses = (await Promise.all(sent)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, 200, 200, 429]);
  assert.equal((await webhook.send(signedRequest({ body: large }))).status, 200);
});

Deno.test("once those in flight are answered, the next is taken again", async () => {
  const webhook = startWebhook({ logLevel: "error" });
  for (let round = 0; round < IN_FLIGHT_LIMIT + 10; round++) {
    assert.equal((await webhook.send(signedRequest({ event: FOLLOWED }))).status, 200);
  }
  const refused = await webhook.send(signedRequest({ method: "GET" }));
  assert.equal(refused.status, 405);
});

Deno.test("without a usable configuration every delivery is answered 500 misconfigured", async () => {
  const handle = createHandler(null, () => {});
  const { status, body, headers } = await replyOf(await handle(signedRequest()));
  assert.deepEqual({ status, body }, { status: 500, body: { error: "misconfigured" } });
  assert.equal(headers.get("webhook-delivery"), null);
});

Deno.test("every answer is JSON", async () => {
  const webhook = startWebhook();
  const requests = [
    signedRequest({ event: FOLLOWED }),
    signedRequest({ event: NONSENSE }),
    signedRequest({ secret: OTHER_SECRET }),
    signedRequest({ method: "GET" }),
  ];
  for (const request of requests) {
    const { headers } = await webhook.send(request);
    assert.equal(headers.get("content-type"), "application/json");
  }
});
