import { decodeJwt } from "jose";
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeEnvFile } from "../../scripts/stack/env_file.ts";
import { runCommand } from "../support/run_command.ts";
import { stackEnv } from "../support/stack_env.ts";

Deno.test("the token is all that is printed, and the stack accepts it", async () => {
  using dir = stackDir();
  const args = ["--user", "user_1", "--organization", "org_1", "--role", "org:admin"];
  const { code, stdout, stderr } = await runCommand("token", {
    args: [...args, "--data-dir", dir.path],
  });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const { sub, o, iss } = decodeJwt(stdout);
  const { API_URL, CLERK_ISSUER, PUBLISHABLE_KEY } = stackEnv();
  assert.deepEqual({ sub, o, iss }, {
    sub: "user_1",
    o: { id: "org_1", rol: "admin" },
    iss: CLERK_ISSUER,
  });
  const headers = { apikey: PUBLISHABLE_KEY, authorization: `Bearer ${stdout.trim()}` };
  const response = await fetch(`${API_URL}/rest/v1/users?select=id`, { headers });
  assert.deepEqual([response.status, await response.json()], [200, []]);
});

Deno.test("without a running stack there is no token, and the exit code is 2", async () => {
  const dir = await Deno.makeTempDir();
  const { code, stdout, stderr } = await runCommand("token", {
    args: ["--user", "user_1", "--data-dir", dir],
  });
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /start one with `npm start`/);
  await Deno.remove(dir);
});

/** A data directory like that of the running stack. */
function stackDir(): Disposable & { path: string } {
  const path = Deno.makeTempDirSync();
  writeEnvFile(join(path, "env"), stackEnv());
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
