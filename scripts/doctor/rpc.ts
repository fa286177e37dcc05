import type { CallRpc } from "../../supabase/functions/_shared/database/rpc.ts";

/** A call of an RPC that was not done, in words that hold no value. */
export class ProjectError extends Error {
  override name = "ProjectError";

  constructor(readonly code: string) {
    super(`the project does not do it (${code})`);
  }
}

/** Calls an RPC by name; resolves with what it returned, or rejects with a ProjectError. */
export type Rpc = (name: string, args?: object) => Promise<unknown>;

/** Longer than the Data API's own limit of some seconds. */
const TIMEOUT_MS = 15_000;

/** RPCs of a project, each called once. */
export function rpcBy(callRpc: CallRpc, timeoutMs: number = TIMEOUT_MS): Rpc {
  return async (name, args = {}) => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    try {
      const result = await callRpc({ name, args }, timeout.signal);
      if (result.kind !== "done") throw new ProjectError(result.code);
      return result.answer;
    } finally {
      clearTimeout(timer);
    }
  };
}

/** What a code says to whoever called the command. */
export function fixFor(code: string): string {
  return ADVICE.find(([pattern]) => pattern.test(code))?.[1] ?? "npm run doctor says more.";
}

const ADVICE: [RegExp, string][] = [
  [
    /^(unreachable|timeout)$/,
    "Does the project run, and is the key its own? npm run doctor says more.",
  ],
  [/^42501$/, "The key is not the secret one."],
  [/^(PGRST202|42883)$/, "The migrations are not applied: npx supabase db push."],
];
