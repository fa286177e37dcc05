import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { freePort, HOST } from "../../scripts/stack/ports.ts";
import { startStatusPage } from "../../scripts/stack/status_page.ts";
import startCommand from "../../scripts/start.ts";
import { stackEnv } from "../support/stack_env.ts";
import { temporaryProject } from "./project.ts";

Deno.test("a free port is none that the system gives to a connection meanwhile", async () => {
  const ports = Array.from({ length: 50 }, freePort);
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  const connections = await Promise.all(
    Array.from({ length: 50 }, () => Deno.connect({ hostname: HOST, port: listener.addr.port })),
  );
  const given = connections.map(({ localAddr }) => (localAddr as Deno.NetAddr).port);
  for (const connection of connections) connection.close();
  ok(Math.max(...ports) < Math.min(...given), `${ports} ${given}`);
  for (const port of ports) Deno.listen({ hostname: HOST, port }).close();
});

/** Starts the page beside the running stack, with logs in a folder of its own. */
async function startBeside(port: number) {
  const dataDir = await Deno.makeTempDir({ prefix: "status-page-" });
  await Deno.mkdir(`${dataDir}/logs`);
  const said: string[] = [];
  const report = {
    begin: (part: string) => (detail: string) => void said.push(`${part} ${detail}`),
    line: (text: string) => void said.push(text),
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

Deno.test("where its port is taken the page is on a free one, and the stack says so", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const { page, said, remove } = await startBeside(port);
  ok(page);
  equal((await fetch(page.url)).status, 200);
  deepEqual(said, [`status page ${page.url} (port ${port} is taken)`]);
  await page.stop();
  await remove();
});

Deno.test("options that are not given are left to config.toml", () => {
  deepEqual(startCommand.parse([]), { fresh: false });
});

Deno.test("all options are read", () => {
  const ports = ["--api-port", "0", "--db-port=65535", "--dashboard-port=8080"];
  const expected = { apiPort: 0, dbPort: 65535, dashboardPort: 8080, dataDir: "x", fresh: true };
  deepEqual(startCommand.parse([...ports, "--data-dir", "x", "--fresh"]), expected);
});

Deno.test("the stack of a project keeps its data there, unless --data-dir says where", () => {
  using project = temporaryProject();
  const { root } = project;
  const both = [["--data-dir", "x"], ["--project", root]];
  deepEqual(startCommand.parse(["--project", root]).dataDir, join(root, ".stack"));
  for (const args of [both, both.toReversed()]) {
    const expected = { dataDir: "x", project: root, fresh: false };
    deepEqual({ ...startCommand.parse(args.flat()) }, expected);
  }
});

Deno.test("a folder that is no project is refused before anything is made in it", () => {
  const root = Deno.makeTempDirSync();
  throws(() => startCommand.parse(["--project", root]), {
    name: "UsageError",
    message: /is no Supabase project: it has no supabase\/config\.toml/,
  });
  deepEqual([...Deno.readDirSync(root)], []);
  Deno.removeSync(root);
});

for (const line of ["--api-port 65536", "--db-port x", "--dashboard-port -1", "left over"]) {
  Deno.test(`npm start -- ${line} is wrong usage`, () => {
    throws(() => startCommand.parse(line.split(" ")), { name: "UsageError" });
  });
}
