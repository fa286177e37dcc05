import assert from "node:assert/strict";
import { startFunction } from "../support/function_process.ts";
import { SECRET_KEY } from "./endpoint.ts";

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
