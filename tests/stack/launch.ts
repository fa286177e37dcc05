import { join } from "node:path";
import { eventually } from "./eventually.ts";
import type { Project } from "./project.ts";

/** A stack that runs as a program of its own. */
export type Run = { pid: number; output(): string; exitCode: Promise<number> };

/** What runs the stack of a project. */
export const PROGRAM = join(import.meta.dirname!, "run_project.ts");

/** Its arguments. */
export function programArguments({ root, dataDir }: Project): string[] {
  return [root, "--api-port=0", "--db-port=0", "--dashboard-port=0", `--data-dir=${dataDir}`];
}

/** Starts the stack as npm would: through the launcher, in a process group of its own. */
export async function launch(project: Project): Promise<Run> {
  const launcher = join(import.meta.dirname!, "..", "..", "scripts", "deno.mjs");
  const child = new Deno.Command("node", {
    args: [launcher, "run", "-A", PROGRAM, ...programArguments(project)],
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
