import assert from "node:assert/strict";
import { join } from "node:path";
import { createClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";

const SERVE = join(import.meta.dirname!, "serve.ts");

Deno.test("the server runs as a process that says where it is, and ends at SIGTERM", async () => {
  const args = ["run", "-A", "--no-check", SERVE, "--users", "30", "--rate-limit", "3"];
  const process = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  const reader = process.stdout.getReader();
  const line = new TextDecoder().decode((await reader.read()).value);
  const { url, secretKey } = JSON.parse(line) as { url: string; secretKey: string };
  const clerk = createClerkApi({ apiUrl: url, secretKey, timeoutMs: 5_000 });
  assert.match(await clerk.instanceId(), /^ins_/);
  assert.equal((await clerk.users({ limit: 5, after: null })).total, 30);
  await assert.rejects(clerk.instanceId(), { failure: "rate_limited" });
  process.kill("SIGTERM");
  assert.equal((await process.status).code, 0);
  await reader.cancel();
});
