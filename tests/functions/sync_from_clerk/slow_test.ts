import assert from "node:assert/strict";
import { READING_LIMIT } from "../../../supabase/functions/sync-from-clerk/receive.ts";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { type Reply, replyOf } from "../support/webhook.ts";
import { type Endpoint, said, signedIn, startEndpoint, URL_HERE } from "./endpoint.ts";

/** More than there are places, of whatever kind. */
const SLOW = READING_LIMIT + 10;

/** Sends bodies that do not come to an end, and says when they do. */
function sendSlowly(endpoint: Endpoint, headers: Record<string, string>) {
  const end = Promise.withResolvers<void>();
  const replies = Array.from({ length: SLOW }, async (): Promise<Reply> => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
      pull: async (controller) => {
        await end.promise;
        controller.close();
      },
    });
    return await replyOf(
      await endpoint.handle(new Request(URL_HERE, { method: "POST", headers, body })),
    );
  });
  return { replies, end: end.resolve };
}

function twoUsers(): WorldInstance {
  const instance = new WorldInstance();
  for (const id of ["user_1", "user_2"]) instance.addUser({ id });
  return instance;
}

Deno.test("strangers are answered before their bodies, and keep nobody out who is known", async () => {
  await using endpoint = startEndpoint({ instance: twoUsers() });
  const { replies, end } = sendSlowly(endpoint, {});
  assert.equal(await endpoint.sync({ sub: "user_1" }), "200 in_sync");
  assert.equal(await endpoint.sync(null, { clerkUserId: "user_2" }), "200 in_sync");
  const answers = await Promise.all(replies);
  assert.deepEqual(new Set(answers.map(said)), new Set(["401 missing_token"]));
  end();
});

Deno.test("a caller's slow bodies give way to another caller's", async () => {
  await using endpoint = startEndpoint({ instance: twoUsers() });
  const { replies, end } = sendSlowly(endpoint, await signedIn({ sub: "user_2" }));
  const first = await Promise.race(replies);
  assert.equal(said(first), "429 too_many_requests");
  assert.equal(await endpoint.sync({ sub: "user_1" }), "200 in_sync");
  end();
  await Promise.all(replies);
});
