import * as z from "zod/mini";
import { apply } from "../_clerk_sync/database/apply.ts";
import {
  type CallRpc,
  type RpcCall,
  type RpcFailure,
  UNEXPECTED_ANSWER,
} from "../_clerk_sync/database/rpc.ts";

const Retried = z.object({
  outcome: z.string(),
  error_code: z.nullable(z.string()),
  error: z.nullable(z.string()),
});

/** What `retry_event` says: how the event ended, and of one that did not succeed what refused it. */
export type Retried = { kind: "done" } & z.infer<typeof Retried>;

/**
 * Has the database make a refused call once more, look at what refuses it and enter that in the ledger. A call that is
 * applied pays nothing for this.
 */
export async function retryEvent(
  callRpc: CallRpc,
  { name, args }: RpcCall,
  timeoutMs: number,
): Promise<Retried | RpcFailure> {
  const call: RpcCall = { name: "retry_event", args: { p_rpc: name, p_arguments: args } };
  const result = await apply(callRpc, call, timeoutMs);
  if (result.kind !== "done") return result;
  const answer = Retried.safeParse(result.answer);
  return answer.success ? { kind: "done", ...answer.data } : UNEXPECTED_ANSWER;
}
