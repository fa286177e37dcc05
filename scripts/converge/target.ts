import { readStackFile } from "../command/env_file.ts";
import { UsageError } from "../command/usage_error.ts";
import { startTemporaryStack } from "../temporary_stack.ts";
import type { Endpoint } from "./deliver.ts";

/** What a run needs of a stack. */
export interface Target extends Endpoint, AsyncDisposable {
  DB_URL: string;
}

/** The stack of a directory, that of the environment, or one that lives as long as the run. */
export async function openTarget(
  dataDir: string | undefined,
  env: Record<string, string | undefined>,
): Promise<Target> {
  if (dataDir !== undefined) {
    const target = targetOf((await readStackFile(dataDir)).values);
    if (!target) throw new UsageError(`No stack is running on ${dataDir}.`);
    return target;
  }
  const running = targetOf(env);
  if (running) return running;
  const stack = await startTemporaryStack();
  return { ...targetOf(stack.env)!, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

function targetOf(env: Record<string, string | undefined>): Target | null {
  const { WEBHOOK_URL, DB_URL, CLERK_WEBHOOK_SECRET } = env;
  if (!WEBHOOK_URL || !DB_URL || !CLERK_WEBHOOK_SECRET) return null;
  return {
    WEBHOOK_URL,
    DB_URL,
    CLERK_WEBHOOK_SECRET,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
