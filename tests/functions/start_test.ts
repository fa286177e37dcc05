/** Each function as a process of its own, as the runtime starts it. */
import assert from "node:assert/strict";
import { startFunction } from "../support/function_process.ts";
import { SECRET, signedRequest } from "../support/signed_request.ts";
import { SECRET_KEY } from "../support/webhook.ts";

const SUPABASE_SECRET_KEYS = JSON.stringify({ default: SECRET_KEY });

const UNCONFIGURED: [name: string, env: Record<string, string>, missing: string][] = [
  ["clerk-webhook", { SUPABASE_URL: "localhost:54321" }, "CLERK_WEBHOOK_SECRET"],
  ["sync-from-clerk", { CLERK_SECRET_KEY: "" }, "CLERK_SECRET_KEY"],
];

for (const [name, env, missing] of UNCONFIGURED) {
  Deno.test(`without secrets and keys ${name} starts, says so and answers 500`, async () => {
    await using served = await startFunction(name, env);
    const response = await fetch(served.url, { method: "POST" });
    assert.deepEqual([response.status, await response.json()], [500, { error: "misconfigured" }]);
    const { level, message, problems } = JSON.parse((await served.stop())[0] ?? "{}");
    assert.equal(`${level} ${message}`, "error misconfigured");
    for (const variable of [missing, "SUPABASE_URL", "SUPABASE_SECRET_KEYS"]) {
      assert.ok(problems.includes(variable), variable);
    }
  });
}

Deno.test("with them the webhook applies a delivery through the Data API, and is silent at the start", async () => {
  const asked: string[] = [];
  await using dataApi = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => {
      asked.push(`${new URL(request.url).pathname} ${request.headers.get("apikey")}`);
      return Response.json("applied");
    },
  );
  await using served = await startFunction("clerk-webhook", {
    CLERK_WEBHOOK_SECRET: SECRET,
    SUPABASE_URL: `http://127.0.0.1:${dataApi.addr.port}`,
    SUPABASE_SECRET_KEYS,
  });
  const { method, headers, body } = signedRequest();
  const response = await fetch(served.url, { method, headers, body });
  assert.deepEqual([response.status, await response.json()], [200, { outcome: "applied" }]);
  assert.deepEqual(asked, [`/rest/v1/rpc/upsert_user ${SECRET_KEY}`]);
  const lines = await served.stop();
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["delivery"]);
  for (const secret of [SECRET, SECRET_KEY]) assert.ok(!lines.join().includes(secret));
});

Deno.test("with them sync-from-clerk is silent at the start, and lets the pages in that it is told of", async () => {
  const headers = { origin: "http://localhost:3000" };
  await using served = await startFunction("sync-from-clerk", {
    CLERK_SECRET_KEY: "sk_test_of_these_tests",
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_SECRET_KEYS,
    SYNC_ALLOWED_ORIGINS: headers.origin,
  });
  const response = await fetch(served.url, { method: "POST", headers });
  assert.deepEqual(await response.json(), { error: "missing_token" });
  assert.equal(response.headers.get("access-control-allow-origin"), headers.origin);
  const lines = await served.stop();
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["sync"]);
});
