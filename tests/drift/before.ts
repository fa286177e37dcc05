import type { CallRpc } from "../../supabase/functions/_clerk_sync/database/rpc.ts";

/** Something happens just before the first call of an RPC, or just before the first call for which it is time. */
export function before(
  when: string | (() => boolean),
  happens: () => Promise<unknown>,
): (callRpc: CallRpc) => CallRpc {
  const isTime = typeof when === "string" ? (name: string) => name === when : when;
  let hasHappened = false;
  return (callRpc) => async (call, signal) => {
    if (!hasHappened && isTime(call.name)) {
      hasHappened = true;
      await happens();
    }
    return callRpc(call, signal);
  };
}
