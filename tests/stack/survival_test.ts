import { equal, match } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { eventually } from "./eventually.ts";
import { launch } from "./launch.ts";
import { type Project, temporaryProject } from "./project.ts";

Deno.test("Ctrl-C stops a stack cleanly, with exit code 0", async () => {
  using project = temporaryProject();
  const run = await launch(project);
  process.kill(-run.pid, "SIGINT");
  equal(await run.exitCode, 0);
  match(run.output(), /\nready in .*\nstopping …\n/s);
  equal(existsSync(join(project.dataDir, "env")), false);
  equal(existsSync(join(project.dataDir, "postgres", "postmaster.pid")), false);
});

Deno.test("after a kill -9 nothing of it keeps running, and the next start works", async () => {
  using project = temporaryProject();
  const killed = await launch(project);
  const stack = holder(project);
  const children = await childrenOf(stack);
  equal(children.length > 3, true);
  process.kill(stack, "SIGKILL");
  equal(await killed.exitCode, 137);
  for (const { pid, command } of children) {
    await eventually(`${command} ended`, () => Promise.resolve(!isThere(pid)));
  }
  equal(existsSync(join(project.dataDir, "postgres", "postmaster.pid")), false);
  const run = await launch(project);
  process.kill(run.pid, "SIGTERM");
  equal(await run.exitCode, 0);
});

Deno.test("where a server was left all the same, the next start ends it", async () => {
  using project = temporaryProject();
  const killed = await launch(project);
  const stack = holder(project);
  const [watcher] = (await childrenOf(stack)).filter(({ command }) => command.includes("read -r"));
  process.kill(watcher!.pid, "SIGKILL");
  process.kill(stack, "SIGKILL");
  equal(await killed.exitCode, 137);
  const run = await launch(project);
  match(run.output(), /stopped the PostgreSQL of a killed run/);
  // To the launcher alone, which hands it on.
  process.kill(run.pid, "SIGTERM");
  equal(await run.exitCode, 0);
});

Deno.test("when the launcher is killed the stack ends, and the next start works", async () => {
  using project = temporaryProject();
  const killed = await launch(project);
  process.kill(killed.pid, "SIGKILL");
  const run = await launch(project);
  process.kill(run.pid, "SIGTERM");
  equal(await run.exitCode, 0);
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
