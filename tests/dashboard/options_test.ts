import { deepEqual, equal, match, throws } from "node:assert/strict";
import { join } from "node:path";
import { parseOptions, readSilentAfterHours } from "../../scripts/dashboard/options.ts";
import { stackEnv } from "../support/stack_env.ts";

const PROGRAM = join(import.meta.dirname!, "..", "..", "scripts", "dashboard.ts");

async function run(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", PROGRAM, "--data-dir", "/nowhere", ...args],
    env: { SUPABASE_URL: "", SUPABASE_SECRET_KEY: "", SUPABASE_SERVICE_ROLE_KEY: "", ...env },
  }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("without options the page is on its own port, of the local stack", () => {
  deepEqual(parseOptions([]), { port: 54323, dataDir: undefined, help: false });
});

for (const args of [["--port", "65536"], ["--port", "x"], ["--secret", "x"], ["8080"]]) {
  Deno.test(`${args.join(" ")} is wrong usage`, () => {
    throws(() => parseOptions(args), { name: "UsageError" });
  });
}

Deno.test("SILENT_AFTER_HOURS is a positive number, or not set", () => {
  equal(readSilentAfterHours(undefined), null);
  equal(readSilentAfterHours(" "), null);
  equal(readSilentAfterHours("0.5"), 0.5);
  for (const text of ["0", "-1", "soon", "Infinity"]) {
    throws(() => readSilentAfterHours(text), /SILENT_AFTER_HOURS/);
  }
});

Deno.test("without a project it ends with code 2 and says what to set", async () => {
  const { code, text } = await run([]);
  equal(code, 2);
  match(text, /npm start.*SUPABASE_SECRET_KEY/);
});

Deno.test("a taken port ends with code 1 and names the option", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { API_URL, SECRET_KEY } = stackEnv();
  const env = { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY };
  const { code, text } = await run(["--port", String(listener.addr.port)], env);
  equal(code, 1);
  match(text, /is taken.*--port/);
  equal(text.includes(SECRET_KEY), false);
});
