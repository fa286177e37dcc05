import { withTimeout } from "../async.ts";
import { type CallRpc, mayWinNextTry, type RpcCall, type RpcResult } from "./rpc.ts";

/** How long one RPC may take, in milliseconds: Svix gives up on an answer after 15 s. */
export const APPLY_TIMEOUT_MS = 6_000;

const ATTEMPTS = 3;
const PAUSE_MS = 50;

/**
 * Calls an RPC, again at once when another transaction was in the way, and gives up after `timeoutMs` for all tries
 * together. A call that was cut off may still take effect: every RPC is safe to repeat.
 */
export function apply(
  callRpc: CallRpc,
  call: RpcCall,
  timeoutMs: number = APPLY_TIMEOUT_MS,
): Promise<RpcResult> {
  return withTimeout(timeoutMs, (signal) => callUntilSettled(callRpc, call, signal));
}

async function callUntilSettled(
  callRpc: CallRpc,
  call: RpcCall,
  signal: AbortSignal,
): Promise<RpcResult> {
  for (let attempt = 1;; attempt++) {
    const result = await callRpc(call, signal);
    if (result.kind === "done" || !mayWinNextTry(result)) return result;
    if (attempt === ATTEMPTS || signal.aborted) return result;
    // Apart by chance, or two that met would meet again.
    await new Promise((resume) => setTimeout(resume, PAUSE_MS * attempt * (0.5 + Math.random())));
  }
}
