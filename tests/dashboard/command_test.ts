import { deepEqual, equal, match, notEqual, throws } from "node:assert/strict";
import dashboard, {
  readRefusedAfterEvents,
  readSilentAfterHours,
} from "../../scripts/dashboard.ts";
import { DASHBOARD_PORT } from "../../scripts/dashboard/server.ts";
import { commandLine, runCommand } from "../support/run_command.ts";
import { stackEnv } from "../support/stack_env.ts";

function ofTheStack(): Record<string, string> {
  const { API_URL, SECRET_KEY } = stackEnv();
  return { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY };
}

Deno.test("without options the page is on its own port, of the local stack", () => {
  deepEqual(dashboard.parse([]), {});
});

for (const line of ["--port 65536", "--port x", "--secret x", "8080"]) {
  Deno.test(`dashboard ${line}: is wrong usage`, () => {
    throws(() => dashboard.parse(line.split(" ")), { name: "UsageError" });
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

Deno.test("REFUSED_AFTER_EVENTS is the webhook's: 3 where it is not set, none for 0", () => {
  equal(readRefusedAfterEvents(undefined), 3);
  equal(readRefusedAfterEvents("10"), 10);
  equal(readRefusedAfterEvents("0"), null);
  for (const text of ["-1", "1.5", "few"]) {
    throws(() => readRefusedAfterEvents(text), /REFUSED_AFTER_EVENTS/);
  }
});

Deno.test("without a project it ends with code 2 and says what to set", async () => {
  const { code, stderr } = await runCommand("dashboard", { args: ["--data-dir", "/nowhere"] });
  equal(code, 2);
  match(stderr, /npm start.*SUPABASE_SECRET_KEY/);
});

Deno.test("a port that was asked for and is taken ends it with code 1 and names the option", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const args = ["--port", String(listener.addr.port)];
  const { code, stderr } = await runCommand("dashboard", { args, env: ofTheStack() });
  equal(code, 1);
  match(stderr, /is taken.*--port/);
  equal(stderr.includes(stackEnv().SECRET_KEY), false);
});

Deno.test("where its own port is taken the page is on a free one", async () => {
  using _listener = listenUnlessTaken(DASHBOARD_PORT);
  await using child = new Deno.Command(Deno.execPath(), {
    args: commandLine("dashboard"),
    env: ofTheStack(),
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await lines.read();
  await lines.cancel();
  const [, url = "", port] = /^(http:\/\/127\.0\.0\.1:(\d+)) /.exec(value) ?? [];
  notEqual(Number(port), DASHBOARD_PORT);
  equal((await fetch(`${url}/api/status`)).status, 200);
  child.kill("SIGTERM");
  equal((await child.status).code, 0);
});

/** Another program may be there already. */
function listenUnlessTaken(port: number): Disposable {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch {
    return { [Symbol.dispose]: () => {} };
  }
}
