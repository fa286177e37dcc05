import type {
  CallRpc,
  RpcCall,
  RpcResult,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { callTogether } from "../../supabase/functions/_clerk_sync/database/together.ts";
import { deliver } from "../../supabase/functions/clerk-webhook/deliver.ts";

/** A delivery whose signature was checked. */
export interface Verified {
  id: string;
  body: string;
}

/** Applies one delivery, and says what is answered, as `200 applied`. */
export async function sayDelivered({ id, body }: Verified, callRpc: CallRpc): Promise<string> {
  const answer = await deliver(id, body, { callRpc, instanceId: null, log: () => {} });
  return `${answer.status} ${Object.values(answer.body)[0]}`;
}

/** Meets nobody. */
const UNDER_WAY: RpcCall = { name: "record_event", args: {} };

/**
 * Applies deliveries by the function's own code as if a call had been under way while they came: as one page in their order,
 * where there are several. Says what is answered to each.
 */
export function deliverAsPage(page: Verified[], callRpc: CallRpc): Promise<string>[] {
  const underWay = Promise.withResolvers<RpcResult>();
  const together = callTogether(
    (call, signal) => call === UNDER_WAY ? underWay.promise : callRpc(call, signal),
    () => {},
  );
  together(UNDER_WAY, new AbortController().signal);
  const answers = page.map((delivery) => sayDelivered(delivery, together));
  underWay.resolve({ kind: "done", answer: null });
  return answers;
}
