import { equal, match, ok } from "node:assert/strict";
import { startStatusPage } from "../../scripts/stack/status_page.ts";
import { stackEnv } from "../support/stack_env.ts";

/** Starts the page beside the running stack, with logs in a folder of its own. */
async function startBeside(port: number) {
  const dataDir = await Deno.makeTempDir({ prefix: "status-page-" });
  await Deno.mkdir(`${dataDir}/logs`);
  const said: string[] = [];
  const report = {
    step: (name: string) => said.push(name),
    line: (text: string) => said.push(text),
  };
  const { signal } = new AbortController();
  const page = await startStatusPage({ env: stackEnv(), dataDir, port, report, signal });
  const remove = () => Deno.remove(dataDir, { recursive: true });
  return { page, said, dataDir, remove };
}

Deno.test("the stack's status page shows the stack, and ends with it", async () => {
  const { page, dataDir, remove } = await startBeside(0);
  ok(page);
  const { health, data } = await (await fetch(`${page.url}/api/status`)).json();
  ok(health.word !== "unreachable");
  equal(typeof data.status.now, "string");
  await page.stop();
  equal(await fetch(page.url).then(() => "answers", () => "gone"), "gone");
  const log = await Deno.readTextFile(`${dataDir}/logs/dashboard.log`);
  ok(!log.includes(stackEnv().SECRET_KEY));
  await remove();
});

Deno.test("where its port is taken the stack says so and goes on without it", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { page, said, remove } = await startBeside(listener.addr.port);
  equal(page, null);
  match(said.join("\n"), /no status page: port \d+ is taken .* --dashboard-port/);
  await remove();
});
