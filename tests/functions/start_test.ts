import assert from "node:assert/strict";
import { startFunction } from "../support/function_process.ts";
import { SECRET, signedRequest } from "../support/signed_request.ts";
import { SECRET_KEY } from "../support/sync_endpoint.ts";

const KEY = "sb_secret_of_these_tests";

/** Sends a signed delivery over HTTP. */
async function deliver(url: string): Promise<{ status: number; body: unknown }> {
  const { method, headers, body } = signedRequest();
  const response = await fetch(url, { method, headers, body });
  return { status: response.status, body: await response.json() };
}

Deno.test("without secrets and keys the function starts, says so and answers 500", async () => {
  await using served = await startFunction("clerk-webhook", { SUPABASE_URL: "localhost:54321" });
  const answer = await deliver(served.url);
  const [first = "{}"] = await served.stop();

  assert.deepEqual(answer, { status: 500, body: { error: "misconfigured" } });
  const { level, message, problems } = JSON.parse(first);
  assert.equal(`${level} ${message}`, "error misconfigured");
  for (const name of ["CLERK_WEBHOOK_SECRET", "SUPABASE_URL", "SUPABASE_SECRET_KEYS"]) {
    assert.ok(problems.includes(name), name);
  }
});

Deno.test("with them it applies a delivery through the Data API, and is silent at the start", async () => {
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
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: KEY }),
  });
  const answer = await deliver(served.url);
  const lines = await served.stop();

  assert.deepEqual(answer, { status: 200, body: { outcome: "applied" } });
  assert.deepEqual(asked, [`/rest/v1/rpc/upsert_user ${KEY}`]);
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["delivery"]);
  for (const secret of [SECRET, KEY]) assert.ok(!lines.join().includes(secret));
});

Deno.test("without keys the function starts, says so and answers 500", async () => {
  await using served = await startFunction("sync-from-clerk", { CLERK_SECRET_KEY: "" });
  const response = await fetch(served.url, { method: "POST" });
  assert.deepEqual([response.status, await response.json()], [500, { error: "misconfigured" }]);
  const [first = "{}"] = await served.stop();
  const { level, message, problems } = JSON.parse(first);
  assert.equal(`${level} ${message}`, "error misconfigured");
  for (const name of ["CLERK_SECRET_KEY", "SUPABASE_URL", "SUPABASE_SECRET_KEYS"]) {
    assert.ok(problems.includes(name), name);
  }
});

Deno.test("with them it is silent at the start, and lets the pages in that it is told of", async () => {
  await using served = await startFunction("sync-from-clerk", {
    CLERK_SECRET_KEY: "sk_test_of_these_tests",
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
    SYNC_ALLOWED_ORIGINS: "http://localhost:3000",
  });
  const headers = { origin: "http://localhost:3000" };
  const response = await fetch(served.url, { method: "POST", headers });
  assert.deepEqual(await response.json(), { error: "missing_token" });
  assert.equal(response.headers.get("access-control-allow-origin"), headers.origin);
  const lines = await served.stop();
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["sync"]);
});
