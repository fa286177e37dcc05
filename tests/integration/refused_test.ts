/** A function with another secret than the one that Clerk signs with, and whoever would notice. */
import assert from "node:assert/strict";
import { createAsk } from "../../scripts/dashboard/ask.ts";
import { createAskHealth } from "../../scripts/dashboard/ask_health.ts";
import { startDashboard } from "../../scripts/dashboard/server.ts";
import type { StackEnv } from "../../scripts/stack/env_file.ts";
import { send, signDelivery } from "../../scripts/simulate/delivery.ts";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";
import { eventually } from "../stack/eventually.ts";
import { runCommand } from "../support/run_command.ts";
import { newEventId, newStory, said } from "../support/stack.ts";

const WRONG = `whsec_${btoa("another endpoint's signing secret")}`;

/** A user's creation, signed with this secret. */
async function deliver({ WEBHOOK_URL: url }: StackEnv, secret: string): Promise<string> {
  const body = JSON.stringify(newStory()("user.created"));
  return said(
    await send(signDelivery({ id: newEventId(), body, secret, at: new Date() }), { url }),
  );
}

/** What health, page, doctor and metrics say of it. */
async function verdicts(env: StackEnv, pageUrl: string) {
  const { API_URL, SECRET_KEY, CLERK_WEBHOOK_SECRET, WEBHOOK_URL } = env;
  const health = await fetch(`${WEBHOOK_URL}/health`);
  const page = await (await fetch(`${pageUrl}/api/status`)).json();
  const own = { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY, CLERK_WEBHOOK_SECRET };
  const doctor = await runCommand("doctor", { args: ["--json"], env: own });
  const { checks } = JSON.parse(doctor.stdout) as { checks: { id: string; level: string }[] };
  const metrics = await fetch(`${WEBHOOK_URL}/metrics`, { headers: { apikey: SECRET_KEY } });
  return {
    health: `${health.status} ${await health.text()}`,
    page: page.health as { word: string; remedy?: string },
    doctor: [doctor.code, checks.find(({ id }) => id === "health")?.level],
    refused: Number(/^clerk_webhook_refused_events (\d+)$/m.exec(await metrics.text())?.[1]),
  };
}

Deno.test("ten of ten deliveries refused show everywhere, until one is entered", async () => {
  await using stack = await startTemporaryStack();
  const { env } = stack;
  const url = new URL(env.API_URL);
  await using dashboard = await startDashboard({
    port: 0,
    ask: createAsk({ url, secretKey: env.SECRET_KEY }),
    askHealth: createAskHealth(url),
    project: url.host,
    silentAfterHours: null,
    intervalMs: 50,
    now: () => new Date(),
  });

  for (let count = 0; count < 10; count++) {
    assert.equal(await deliver(env, WRONG), "401 invalid_signature");
  }
  // A page that nobody looked at asks first, and shows what it heard with the next snapshot.
  const page = async () => (await (await fetch(`${dashboard.url}/api/status`)).json()).health.word;
  await eventually("the page says refused", async () => await page() === "refused");
  const refused = await verdicts(env, dashboard.url);
  assert.equal(refused.health, "503 refused");
  assert.equal(refused.page.word, "refused");
  assert.match(refused.page.remedy!, /Signing Secret/);
  assert.deepEqual(refused.doctor, [1, "failure"]);
  assert.ok(refused.refused >= 10);

  assert.equal(await deliver(env, env.CLERK_WEBHOOK_SECRET), "200 applied");
  // Both keep their answer for five seconds.
  await eventually("the page says ok", async () => await page() === "ok");
  const health = async () => await (await fetch(`${env.WEBHOOK_URL}/health`)).text();
  await eventually("the function says ok", async () => await health() === "ok");
  const entered = await verdicts(env, dashboard.url);
  assert.deepEqual([entered.health, entered.page.word, entered.page.remedy], [
    "200 ok",
    "ok",
    undefined,
  ]);
  assert.deepEqual(entered.doctor, [0, "ok"]);
});
