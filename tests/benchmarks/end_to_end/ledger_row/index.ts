/**
 * The project's webhook, but the RPCs behind it write the event's row in a ledger and know no rule: what is done of all
 * that must be done, whatever the rules are.
 */
import type { RpcName } from "../../../../supabase/functions/_clerk_sync/database/rpc.ts";
import { createLog } from "../../../../supabase/functions/_clerk_sync/log.ts";
import { readConfig } from "../../../../supabase/functions/clerk-webhook/config.ts";
import { createService } from "../../../../supabase/functions/clerk-webhook/create_service.ts";
import { createHandler } from "../../../../supabase/functions/clerk-webhook/handler.ts";

const log = createLog("info");
const result = readConfig((name) => Deno.env.get(name));
if (!result.ok) throw new Error(result.problems.join("; "));

const service = createService(result.config, log);

Deno.serve(createHandler({
  ...service,
  callRpc: ({ name, args }, signal) =>
    service.callRpc({ name: `ledger_row_${name}` as RpcName, args }, signal),
}, log));
