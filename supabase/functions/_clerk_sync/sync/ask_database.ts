import type * as z from "zod/mini";
import { apply } from "../database/apply.ts";
import { outcomeOf, type SyncOutcome } from "../database/outcome.ts";
import { type CallRpc, type RpcCall, type RpcFailure, UNEXPECTED_ANSWER } from "../database/rpc.ts";

/** How long a page may take, in milliseconds. Supabase itself ends a statement of its Data API after 8 s. */
const PAGE_TIMEOUT_MS = 10_000;

/** A call that was not done, told by its code alone. */
export class DatabaseError extends Error {
  override name = "DatabaseError";

  constructor(rpc: string, readonly failure: RpcFailure) {
    super(`${rpc}: ${failure.kind} (${failure.code})`);
  }
}

/** Calls an RPC that answers with JSON. Rejects with a DatabaseError, also when the answer is of another form. */
export async function askDatabase<Schema extends z.ZodMiniType>(
  callRpc: CallRpc,
  schema: Schema,
  call: RpcCall,
): Promise<z.infer<Schema>> {
  const result = await apply(callRpc, call, PAGE_TIMEOUT_MS);
  if (result.kind !== "done") throw new DatabaseError(call.name, result);
  const answer = schema.safeParse(result.answer);
  if (!answer.success) throw new DatabaseError(call.name, UNEXPECTED_ANSWER);
  return answer.data;
}

/** Calls an RPC that answers with its outcome. Rejects with a DatabaseError. */
export async function callDatabase(callRpc: CallRpc, call: RpcCall): Promise<SyncOutcome> {
  const result = outcomeOf(await apply(callRpc, call));
  if (result.kind !== "done") throw new DatabaseError(call.name, result);
  return result.outcome;
}
