import { type Stack, type StackOptions, startStack } from "../../scripts/stack/stack.ts";
import type { Project } from "./project.ts";

/** A stack that stops when it goes out of scope. */
export type TestStack = Stack & AsyncDisposable & { said: string[] };

/** Starts the stack of a project on free ports, and keeps what it would print. */
export async function start(
  { root, dataDir }: Project,
  options: Partial<StackOptions> = {},
): Promise<TestStack> {
  const said: string[] = [];
  const stack = await startStack({
    root,
    dataDir,
    apiPort: 0,
    dbPort: 0,
    signal: new AbortController().signal,
    report: { step: (name) => said.push(name), line: (text) => said.push(text) },
    ...options,
  });
  return { ...stack, said, [Symbol.asyncDispose]: stack.stop };
}
