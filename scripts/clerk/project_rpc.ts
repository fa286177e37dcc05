import type {
  CallRpc,
  RpcFailure,
  RpcName,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { withTimeout } from "../../supabase/functions/_clerk_sync/async.ts";
import { printable } from "../command/printable.ts";
import { PATIENCE, type Patience, persist } from "./persist.ts";
import type { Traffic } from "./traffic.ts";

/** A call of an RPC that was not done, in words that hold no value. */
export class ProjectError extends Error {
  override name = "ProjectError";

  constructor(readonly kind: RpcFailure["kind"], readonly code: string) {
    super(`the project: ${kind} (${printable(code, 80)})`);
  }
}

/** Calls an RPC of the project by name; resolves with what it returned, or rejects with a ProjectError. */
export type Rpc = (name: RpcName, args?: object) => Promise<unknown>;

/** What the calls of a run go by. */
export interface ProjectRpcOptions {
  /** Counts calls and retries. */
  traffic: Traffic;
  /** Ends the wait for another try. A call under way is finished. */
  signal: AbortSignal;
  /** Told of each wait, in words. */
  onWait: (why: string) => void;
  patience?: Patience;
}

/** Longer than the Data API's own limit of some seconds: nothing that it still works on is given up. */
const CALL_TIMEOUT_MS = 60_000;

/** The project's RPCs, called again after conflicts and what may pass. Every one of them is safe to repeat. */
export function projectRpc(
  callRpc: CallRpc,
  { traffic, signal, onWait, patience = PATIENCE }: ProjectRpcOptions,
): Rpc {
  return (name, args = {}) =>
    persist(async () => {
      traffic.project++;
      const result = await withTimeout(
        CALL_TIMEOUT_MS,
        (signal) => callRpc({ name, args }, signal),
      );
      if (result.kind !== "done") throw new ProjectError(result.kind, result.code);
      return result.answer;
    }, {
      patience,
      signal,
      worth: (error) => mayPass(error) ? patience.retries : 0,
      onRetry(error) {
        traffic.retries++;
        onWait(`${error.message}; trying again`);
      },
    });
}

/** The wrong key, no such RPC, another kind of server: nothing that waiting mends. */
const LASTING = /^(0A|28|3D|3F|42|PGRST[123])|^(unexpected_answer|unauthorized|no_data_api)$/;

function mayPass(error: Error): boolean {
  return error instanceof ProjectError && error.kind !== "refused" && !LASTING.test(error.code);
}
