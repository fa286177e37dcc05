import type { CallRpc } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { ProjectError, type Rpc } from "../project/rpc.ts";

/**
 * The project's RPCs as the core of the sync calls them. The time that the core gives a call is left aside: these calls
 * have their own, and are made again.
 */
export function callRpcBy(rpc: Rpc): CallRpc {
  return async ({ name, args }) => {
    try {
      return { kind: "done", answer: await rpc(name, args) };
    } catch (error) {
      if (!(error instanceof ProjectError)) throw error;
      return { kind: error.kind, code: error.code };
    }
  };
}
