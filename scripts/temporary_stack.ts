import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { silentReport } from "./stack/report.ts";
import { type Stack, startStack } from "./stack/stack.ts";

const ROOT = join(import.meta.dirname!, "..");

/**
 * A stack of its own on free ports, with an empty database, which leaves nothing behind when it is disposed of. Its
 * functions have this environment, and a webhook secret.
 */
export async function startTemporaryStack(
  functionEnv: Record<string, string> = {},
): Promise<Stack & AsyncDisposable> {
  const stack = await startStack({
    root: ROOT,
    dataDir: await Deno.makeTempDir({ prefix: "stack-" }),
    apiPort: 0,
    dbPort: 0,
    // The user's own .env must not decide how a test ends.
    functionEnv: {
      CLERK_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}`,
      ...functionEnv,
    },
    report: silentReport,
    signal: new AbortController().signal,
  });
  return { ...stack, [Symbol.asyncDispose]: stack.remove };
}
