import { readStackFile } from "../command/env_file.ts";
import { UsageError } from "../command/usage_error.ts";
import { startTemporaryStack } from "../temporary_stack.ts";

/** What a run needs of a stack. */
export interface Target extends AsyncDisposable {
  webhookUrl: string;
  dbUrl: string;
  secret: string;
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
  const { WEBHOOK_URL: webhookUrl, DB_URL: dbUrl, CLERK_WEBHOOK_SECRET: secret } = env;
  if (!webhookUrl || !dbUrl || !secret) return null;
  return { webhookUrl, dbUrl, secret, [Symbol.asyncDispose]: () => Promise.resolve() };
}
