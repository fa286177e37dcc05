/** A function with another secret than the one that Clerk signs with: its health and the page say so, each in its way. */
import assert from "node:assert/strict";
import { createAsk, createAskRefused } from "../../scripts/dashboard/ask.ts";
import { startDashboard } from "../../scripts/dashboard/server.ts";
import { send, signDelivery } from "../../scripts/simulate/delivery.ts";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";
import { eventually } from "../stack/eventually.ts";
import { newEventId, newStory, said } from "../support/stack.ts";

const WRONG = `whsec_${btoa("another endpoint's signing secret")}`;

Deno.test("ten deliveries refused show everywhere; once another is entered health is ok, and the page still tells", async () => {
  await using stack = await startTemporaryStack();
  const { API_URL, SECRET_KEY, CLERK_WEBHOOK_SECRET, WEBHOOK_URL } = stack.env;
  const url = new URL(API_URL);
  await using dashboard = await startDashboard({
    port: 0,
    ask: createAsk({ url, secretKey: SECRET_KEY }),
    askRefused: createAskRefused({ url, secretKey: SECRET_KEY }),
    project: url,
    silentAfterHours: null,
    refusedAfterEvents: 3,
    intervalMs: 50,
    now: () => new Date(),
  });
  const deliver = async (secret: string) => {
    const body = JSON.stringify(newStory()("user.created"));
    const delivery = signDelivery({ id: newEventId(), body, secret, at: new Date() });
    return said(await send(delivery, { url: WEBHOOK_URL }));
  };
  const page = async () => (await (await fetch(`${dashboard.url}/api/status`)).json()).health;
  const health = async () => await (await fetch(`${WEBHOOK_URL}/health`)).text();

  for (let count = 0; count < 10; count++) {
    assert.equal(await deliver(WRONG), "401 invalid_signature");
  }
  // A page that nobody looked at asks first, and shows what it heard with the next snapshot.
  await eventually("the page says refused", async () => (await page()).word === "refused");
  assert.match((await page()).remedy, /Signing Secret/);
  assert.equal(await health(), "refused");

  assert.equal(await deliver(CLERK_WEBHOOK_SECRET), "200 applied");
  await eventually("the page tells both", async () => /others are/.test((await page()).reason));
  assert.equal((await page()).word, "refused");
  // It keeps its answer for five seconds.
  await eventually("the function says ok", async () => await health() === "ok");
});
