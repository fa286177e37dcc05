import { parse } from "dotenv";
import { doesNotMatch, equal, match } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { eventually } from "./eventually.ts";
import { launch } from "./launch.ts";
import { temporaryProject } from "./project.ts";

Deno.test("what a function logs steers neither the terminal nor whoever reads the log", async () => {
  using project = temporaryProject();
  const run = await launch(project);
  const { API_URL } = parse(Deno.readTextFileSync(join(project.dataDir, "env")));
  const body = "title \x1b]0;mine\x07 \x9b2J \u202e end";
  await fetch(`${API_URL}/functions/v1/echo/log`, { method: "POST", body });
  await eventually("it is said", () => Promise.resolve(run.output().includes(" end\n")));
  const log = Deno.readTextFileSync(join(project.dataDir, "logs", "function-echo.log"));
  for (const text of [run.output(), log]) {
    doesNotMatch(text.replaceAll("\n", ""), /\p{C}/u);
    match(text, /title \\u001b\]0;mine\\u0007 \\u009b2J \\u202e end/);
  }
  process.kill(run.pid, "SIGTERM");
  equal(await run.exitCode, 0);
});

Deno.test({
  name: "a stack whose terminal takes no more serves on, and stops as always",
  ignore: !existsSync("/dev/full"),
  fn: async () => {
    using project = temporaryProject();
    const program = join(import.meta.dirname!, "run_project.ts");
    const ports = ["--api-port=0", "--db-port=0", "--dashboard-port=0"];
    const args = ["run", "-A", program, project.root, ...ports, `--data-dir=${project.dataDir}`];
    const run = new Deno.Command("sh", {
      args: ["-c", 'exec "$@" > /dev/full 2> /dev/full', "sh", Deno.execPath(), ...args],
    }).spawn();
    const env = join(project.dataDir, "env");
    let ended = false;
    run.status.then(() => ended = true);
    await eventually("it serves", () => {
      if (ended) throw new Error("it ended");
      return Promise.resolve(existsSync(env));
    });
    const { API_URL } = parse(Deno.readTextFileSync(env));
    const logged = { method: "POST", body: "a line" };
    equal((await fetch(`${API_URL}/functions/v1/echo/log`, logged)).status, 200);
    equal((await fetch(`${API_URL}/functions/v1/echo`)).status, 200);
    run.kill("SIGTERM");
    equal((await run.status).code, 0);
    equal(existsSync(join(project.dataDir, "postgres", "postmaster.pid")), false);
  },
});
