import { parse } from "dotenv";
import { doesNotMatch, equal, match } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { eventually } from "./eventually.ts";
import { launch, PROGRAM, programArguments } from "./launch.ts";
import { type Project, temporaryProject } from "./project.ts";

Deno.test("a stack that is ended in whatever way", async (test) => {
  using project = temporaryProject();
  const pidFile = join(project.dataDir, "postgres", "postmaster.pid");
  const envFile = join(project.dataDir, "env");
  let run = await launch(project);

  await test.step("by a kill -9: nothing of it keeps running, and the next start works", async () => {
    const stack = holder(project);
    const children = await childrenOf(stack);
    equal(children.length > 3, true);
    process.kill(stack, "SIGKILL");
    equal(await run.exitCode, 137);
    for (const { pid, command } of children) {
      await eventually(`${command} ended`, () => Promise.resolve(!isThere(pid)));
    }
    equal(existsSync(pidFile), false);
    run = await launch(project);
  });

  await test.step("where a server was left all the same, the next start ends it", async () => {
    const stack = holder(project);
    const [watcher] = (await childrenOf(stack)).filter(({ command }) =>
      command.includes("read -r")
    );
    process.kill(watcher!.pid, "SIGKILL");
    process.kill(stack, "SIGKILL");
    equal(await run.exitCode, 137);
    run = await launch(project);
    match(run.output(), /stopped the PostgreSQL of a killed run/);
  });

  await test.step("when the launcher is killed the stack ends, and the next start works", async () => {
    process.kill(run.pid, "SIGKILL");
    run = await launch(project);
  });

  await test.step("a request to the launcher alone is handed on", async () => {
    process.kill(run.pid, "SIGTERM");
    equal(await run.exitCode, 0);
    equal(existsSync(pidFile), false);
    run = await launch(project);
  });

  await test.step("what a function logs steers neither the terminal nor whoever reads the log", async () => {
    const { API_URL } = parse(Deno.readTextFileSync(envFile));
    const body = "title \x1b]0;mine\x07 \x9b2J \u202e end";
    await fetch(`${API_URL}/functions/v1/echo/log`, { method: "POST", body });
    await eventually("it is said", () => Promise.resolve(run.output().includes(" end\n")));
    const log = Deno.readTextFileSync(join(project.dataDir, "logs", "function-echo.log"));
    for (const text of [run.output(), log]) {
      doesNotMatch(text.replaceAll("\n", ""), /\p{C}/u);
      match(text, /title \\u001b\]0;mine\\u0007 \\u009b2J \\u202e end/);
    }
  });

  await test.step("what it wrote down names the status page, which answers", async () => {
    const { STATUS_PAGE_URL } = parse(Deno.readTextFileSync(envFile));
    equal((await fetch(`${STATUS_PAGE_URL}/api/status`)).status, 200);
  });

  await test.step("Ctrl-C stops it cleanly, with exit code 0", async () => {
    process.kill(-run.pid, "SIGINT");
    equal(await run.exitCode, 0);
    match(run.output(), /\nready in .*\nstopping …\n/s);
    equal(existsSync(envFile), false);
    equal(existsSync(pidFile), false);
  });

  await test.step({
    name: "whose terminal takes no more it serves on, and stops as always",
    ignore: !existsSync("/dev/full"),
    fn: async () => {
      const program = [Deno.execPath(), "run", "-A", PROGRAM, ...programArguments(project)];
      const child = new Deno.Command("sh", {
        args: ["-c", 'exec "$@" > /dev/full 2> /dev/full', "sh", ...program],
      }).spawn();
      let ended = false;
      child.status.then(() => ended = true);
      await eventually("it serves", () => {
        if (ended) throw new Error("it ended");
        return Promise.resolve(existsSync(envFile));
      });
      const { API_URL } = parse(Deno.readTextFileSync(envFile));
      const logged = { method: "POST", body: "a line" };
      equal((await fetch(`${API_URL}/functions/v1/echo/log`, logged)).status, 200);
      equal((await fetch(`${API_URL}/functions/v1/echo`)).status, 200);
      child.kill("SIGTERM");
      equal((await child.status).code, 0);
      equal(existsSync(pidFile), false);
    },
  });
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function childrenOf(parent: number): Promise<{ pid: number; command: string }[]> {
  const args = ["-A", "-o", "pid=,ppid=,args="];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .map((line) => line.trim().match(/^(\d+)\s+(\d+)\s+(.*)$/)?.slice(1) ?? [])
    .filter(([, ppid]) => Number(ppid) === parent)
    .map(([pid, , command]) => ({ pid: Number(pid), command: command! }));
}

/** The process that holds the data directory: the stack itself. */
function holder({ dataDir }: Project): number {
  return parseInt(Deno.readTextFileSync(join(dataDir, "stack.lock")));
}
