import assert from "node:assert/strict";
import { route } from "../../../supabase/functions/clerk-webhook/route.ts";

/** The arguments of the RPC that an event with this data asks for. Fails when it asks for none. */
export function argsOf(type: string, data: unknown): Record<string, unknown> {
  const routed = route(type, data);
  if (routed.kind !== "apply") assert.fail(JSON.stringify(routed));
  return { ...routed.call.args };
}
