import { type CallRpc, createCallRpc } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import type { Project } from "./project.ts";

/** The gateway in front of a Data API answers without a code of PostgreSQL's. */
const CODES = new Map([[401, "unauthorized"], [403, "unauthorized"], [404, "no_data_api"]]);

const PROBE_TIMEOUT_MS = 5_000;

/** Calls the RPCs of a project. A wrong key, and an address without a Data API, get codes of their own. */
export function createProjectCall({ url, secretKey }: Project): CallRpc {
  const callRpc = createCallRpc(url.href, secretKey);
  return async (call, signal) => {
    const result = await callRpc(call, signal);
    if (result.kind !== "failed" || result.code !== "unreachable") return result;
    const status = await probe(new URL("/rest/v1/rpc/bound_instance", url), secretKey);
    return { ...result, code: CODES.get(status) ?? result.code };
  };
}

/** The HTTP status of a small call; 0 when there is no answer. */
async function probe(url: URL, key: string): Promise<number> {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  const headers = { apikey: key, "content-type": "application/json" };
  try {
    const { status, body } = await fetch(url, { method: "POST", headers, body: "{}", signal });
    await body?.cancel();
    return status;
  } catch {
    return 0;
  }
}
