import { createClient } from "@supabase/supabase-js";
import type { Project } from "../project/project.ts";
import { type Problem, problemOf } from "./problem.ts";

/** Calls an RPC of the project that only reads; resolves with what it returned, or rejects with an AskError. */
export type Ask = (name: string, args?: object) => Promise<unknown>;

/** A question that got no answer. */
export class AskError extends Error {
  override name = "AskError";

  constructor(readonly problem: Problem) {
    super(problem.reason);
  }
}

/** Nobody looks at a page for longer than this while nothing moves. */
const TIMEOUT_MS = 5_000;

/** Asks the project through its Data API, with its secret key. */
export function createAsk({ url, secretKey }: Pick<Project, "url" | "secretKey">): Ask {
  const client = createClient(url.href, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
  return async (name, args = {}) => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
    try {
      const { data, error, status } = await client.rpc(name, args).abortSignal(timeout.signal);
      if (!error) return data;
      const isLate = timeout.signal.aborted;
      throw new AskError(problemOf({ code: isLate ? "timeout" : error.code, status }));
    } finally {
      clearTimeout(timer);
    }
  };
}
