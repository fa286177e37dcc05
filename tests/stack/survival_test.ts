import { equal, match } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { eventually } from "./eventually.ts";
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

Deno.test("after a kill -9 the next start works, and ends the server that was left", async () => {
  using project = temporaryProject();
  const killed = await launch(project);
  process.kill(holder(project), "SIGKILL");
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

type Run = { pid: number; output(): string; exitCode: Promise<number> };

/** Starts the stack as npm would: through the launcher, in a process group of its own. */
async function launch({ root, dataDir }: Project): Promise<Run> {
  const launcher = join(import.meta.dirname!, "..", "..", "scripts", "deno.mjs");
  const program = join(import.meta.dirname!, "run_project.ts");
  const ports = ["--api-port", "0", "--db-port", "0", "--dashboard-port", "0"];
  const flags = [...ports, "--data-dir", dataDir];
  const child = new Deno.Command("node", {
    args: [launcher, "run", "-A", program, root, ...flags],
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const listen = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  const heard = Promise.all([listen(child.stdout), listen(child.stderr)]);
  const exitCode = child.status.then(async ({ code }) => {
    await heard;
    return code;
  });
  let ended = false;
  exitCode.then(() => ended = true);
  await eventually("the stack is ready", () => {
    if (ended) throw new Error(output);
    return Promise.resolve(output.includes("\nready "));
  });
  return { pid: child.pid, output: () => output, exitCode };
}

/** The process that holds the data directory: the stack itself. */
function holder({ dataDir }: Project): number {
  return parseInt(Deno.readTextFileSync(join(dataDir, "stack.lock")));
}
